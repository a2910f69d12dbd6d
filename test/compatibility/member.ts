import { join } from 'node:path';
import { type RpcServer, TcpRpcNetwork } from '@raft-ts/net';
import { StateMachineService } from '@raft-ts/statemachine';
import { NamespaceMachine, openRocksRows } from 'inode-app/store';
import { type MemberId, Replica, type ReplicaOptions } from 'raft-ts';
import { RocksLogStore } from 'raft-ts/rocksdb';

/** Small: these members hold little. */
const MACHINE_OPTIONS = { maxCacheEntries: 1_000, absenceFilterBytes: 65_536 };

/** Where a member's data lies, and whose it is. */
export interface MemberData {
  readonly directory: string;
  readonly clusterId: string;
  readonly memberId: MemberId;
}

export interface MemberOptions
  extends MemberData,
    Pick<ReplicaOptions, 'transport' | 'initialVoters' | 'initialEndpoints' | 'raft'> {
  /** All members' addresses for clients. */
  readonly clientAddresses: ReadonlyMap<MemberId, string>;
  /** Milliseconds between two steps of the member's own work. */
  readonly workPauseMs?: number;
}

export function openLog({ directory, clusterId, memberId }: MemberData): Promise<RocksLogStore> {
  return RocksLogStore.open({ directory, clusterId, memberId });
}

export async function openMachine({ directory }: MemberData): Promise<NamespaceMachine> {
  const rows = await openRocksRows({ directory: join(directory, 'store') });
  return NamespaceMachine.open({ rows, ...MACHINE_OPTIONS });
}

/** A member that takes part, put together as a master does it, and without its surroundings. */
export class RunningMember implements AsyncDisposable {
  readonly id: MemberId;
  readonly replica: Replica;
  readonly machine: NamespaceMachine;
  readonly #service: AsyncDisposable;
  readonly #server: RpcServer;

  private constructor(
    replica: Replica,
    machine: NamespaceMachine,
    service: AsyncDisposable,
    server: RpcServer,
  ) {
    this.id = replica.status().id;
    this.replica = replica;
    this.machine = machine;
    this.#service = service;
    this.#server = server;
  }

  static async start(options: MemberOptions): Promise<RunningMember> {
    const { directory: _, memberId: id, clientAddresses, workPauseMs, ...replicaOptions } = options;
    const log = await openLog(options);
    const machine = await openMachine(options);
    const service = await StateMachineService.open({
      machine,
      clientAddresses,
      ...(workPauseMs === undefined ? {} : { workPauseMs, busyWorkPauseMs: workPauseMs }),
    });
    const replica = await Replica.start({
      ...replicaOptions,
      id,
      log,
      applier: service,
    });
    service.serve(replica);
    const network = new TcpRpcNetwork();
    const server = await network.listen(clientAddresses.get(id) ?? '', service.handler);
    return new RunningMember(replica, machine, service, server);
  }

  get leads(): boolean {
    return this.replica.status().role === 'leader';
  }

  /** The log belongs to the replica and the machine to the service: they close them. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.close();
    await this.replica.stop();
    await this.#service[Symbol.asyncDispose]();
  }
}
