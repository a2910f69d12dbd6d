import type { Clock, RpcNetwork, RpcServer } from '@raft-ts/net';
import {
  type Endpoints,
  type LeaseReads,
  type MemberId,
  MemoryLogDisk,
  MemoryLogStore,
  MemoryNetwork,
  Replica,
} from 'raft-ts';
import type { DurableStateMachine } from './machine/durable-state-machine.js';
import { KeyValueMachine, type KeyValueRows } from './machine/key-value-machine.js';
import type { OutsideWork } from './service/outside/outside-work.js';
import { StateMachineService } from './service/service.js';
import type { ServiceOptions } from './service/service-options.js';

interface Running {
  readonly replica: Replica;
  readonly service: StateMachineService<unknown, unknown>;
  readonly server: RpcServer;
}

export interface TestClusterOptions {
  readonly rpc: RpcNetwork;
  readonly size?: number;
  readonly machine?: (rows: KeyValueRows) => DurableStateMachine<unknown, unknown>;
  readonly service?: Partial<ServiceOptions<unknown, unknown>>;
  /** Of each member. */
  readonly outside?: (id: MemberId) => OutsideWork<unknown, unknown>;
  readonly clock?: Clock;
  readonly leaseReads?: LeaseReads;
}

/** Members within one process, on disks in memory that outlive a member's restart. */
export class TestCluster implements AsyncDisposable {
  readonly addresses = new Map<MemberId, string>();
  readonly network = new MemoryNetwork();
  readonly #options: TestClusterOptions;
  readonly #founders: readonly MemberId[];
  readonly #logs = new Map<MemberId, MemoryLogDisk>();
  readonly #rows = new Map<MemberId, KeyValueRows>();
  readonly #running = new Map<MemberId, Running>();

  private constructor(options: TestClusterOptions) {
    this.#options = options;
    this.#founders = Array.from({ length: options.size ?? 3 }, (_, at) => at + 1);
    for (const id of this.#founders) {
      this.addresses.set(id, `member-${id}:9000`);
      this.#logs.set(id, new MemoryLogDisk());
      this.#rows.set(id, new Map());
    }
  }

  static async start(options: TestClusterOptions): Promise<TestCluster> {
    const cluster = new TestCluster(options);
    await Promise.all([...cluster.addresses.keys()].map((id) => cluster.start(id)));
    return cluster;
  }

  get ids(): MemberId[] {
    return [...this.addresses.keys()];
  }

  rows(id: MemberId): KeyValueRows {
    return this.#rows.get(id) ?? new Map();
  }

  service(id: MemberId): StateMachineService<unknown, unknown> {
    const running = this.#running.get(id);
    if (running === undefined) throw new Error(`member ${id} does not run`);
    return running.service;
  }

  isRunning(id: MemberId): boolean {
    return this.#running.has(id);
  }

  /** The running member that leads in the highest term. */
  leader(): MemberId | undefined {
    const statuses = [...this.#running.values()].map(({ replica }) => replica.status());
    const leaders = statuses.filter((status) => status.role === 'leader');
    return leaders.sort((a, b) => b.term - a.term)[0]?.id;
  }

  /** What stopped a member; for members that must fail. */
  stopped(id: MemberId): Promise<Error | undefined> {
    return this.#running.get(id)?.replica.stopped ?? Promise.resolve(undefined);
  }

  async start(id: MemberId): Promise<void> {
    const { machine, clock, rpc, leaseReads, outside } = this.#options;
    const rows = this.rows(id);
    const withClock = clock === undefined ? {} : { clock };
    const service = await StateMachineService.open<unknown, unknown>({
      machine: (machine?.(rows) ?? new KeyValueMachine(rows)) as DurableStateMachine<
        unknown,
        unknown
      >,
      clientAddresses: this.addresses,
      ...this.#options.service,
      ...(outside === undefined ? {} : { outside: outside(id) }),
      ...withClock,
    });
    const replica = await Replica.start({
      id,
      clusterId: 'test',
      initialVoters: this.#founders,
      initialEndpoints: Object.fromEntries(this.#founders.map((id) => [id, this.endpoints(id)])),
      log: MemoryLogStore.open(this.#logs.get(id)),
      transport: this.network.transport(id),
      applier: service,
      tickMs: 10,
      raft: { electionTicks: 10, heartbeatTicks: 2 },
      ...(leaseReads === undefined ? {} : { leaseReads }),
      ...withClock,
    });
    service.serve(replica);
    const server = await rpc.listen(this.addresses.get(id) ?? '', service.handler);
    this.#running.set(id, { replica, service, server });
  }

  /** Starts a member that holds nothing and waits to be added. */
  async join(id: MemberId): Promise<Endpoints> {
    this.#logs.set(id, new MemoryLogDisk());
    this.#rows.set(id, new Map());
    this.addresses.set(id, `member-${id}:9000`);
    await this.start(id);
    return this.endpoints(id);
  }

  endpoints(id: MemberId): Endpoints {
    return { member: `member-${id}:1`, client: `member-${id}:9000` };
  }

  /** Ends a member, connections first, as a crash does for those who talk to it. */
  async stop(id: MemberId): Promise<void> {
    const running = this.#running.get(id);
    if (running === undefined) return;
    this.#running.delete(id);
    await running.server.close();
    await running.replica.stop();
    await running.service.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.ids.map((id) => this.stop(id)));
  }
}
