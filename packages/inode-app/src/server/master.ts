import { join } from 'node:path';
import { StateMachineService } from '@raft-ts/statemachine';
import {
  type MemberId,
  Replica,
  type ReplicaStatus,
  RocksLogStore,
  TcpRpcNetwork,
  TcpTransport,
} from 'raft-ts';
import { displayMessage } from '../display.js';
import { InodeAppError } from '../errors.js';
import type { NamespaceCommand, NamespaceQuery } from '../namespace/operation.js';
import { NamespaceMachine } from '../store/namespace-machine.js';
import { openRocksRows } from '../store/rocksdb-rows.js';
import { boundedLines, type LogLine, RoleChanges } from './log-lines.js';
import type { MemberAddresses } from './members.js';
import * as memory from './memory-limits.js';
import { Parts } from './parts.js';
import { type StepSubject, startError } from './start-error.js';

export interface MasterOptions {
  readonly id: MemberId;
  /** Every member of a cluster has the same; no two clusters do. */
  readonly clusterId: string;
  /** Made when it is missing. It belongs to this member of this cluster from then on. */
  readonly directory: string;
  /** Every member of the cluster, this one included: the same on each of them. */
  readonly members: readonly MemberAddresses[];
  /**
   * This member was part of the cluster and its data has gone: it takes part only once the others
   * have brought it up to date. Without effect where there is data.
   */
  readonly rejoin?: boolean;
  /** Takes lines for people: changes of the lead, and connections that were turned away. */
  readonly log?: LogLine;
}

/** What `status` answers beside what the framework knows. */
export interface MasterStatistics {
  readonly rssBytes: number;
  readonly heapUsedBytes: number;
  readonly uptimeMs: number;
  readonly directories: number;
  readonly files: number;
  readonly symbolicLinks: number;
}

/**
 * One member of a metadata cluster: log and tree in `directory`, the other members and clients
 * on the network. It runs until `stop`, or until something is wrong that it must not go on with.
 */
export class Master implements AsyncDisposable {
  /**
   * Resolves when it has stopped: with what stopped it; after `stop()` with undefined, or with
   * what could not be closed.
   */
  readonly stopped: Promise<InodeAppError | undefined>;
  readonly #replica: Replica;

  private constructor(replica: Replica, directory: string, parts: Parts) {
    this.#replica = replica;
    this.stopped = replica.stopped.then(async (cause) => {
      // What stopped it says more than that something could not be closed then.
      const error = await parts.close().then(
        () => cause,
        (failure: unknown) => cause ?? failure,
      );
      return error === undefined ? undefined : startError(error, { kind: 'data', name: directory });
    });
  }

  /**
   * Starts to take part and to listen for clients; a leader may not be elected yet. Rejects with
   * ARGUMENT_INVALID, ADDRESS_UNUSABLE, DATA_UNWRITABLE, DATA_FOREIGN (another member's, or
   * something else), DATA_LOCKED (a running process has it), DATA_CORRUPT or MEMBER_FAILED;
   * nothing is held then.
   */
  static async start(options: MasterOptions): Promise<Master> {
    const own = options.members.find((member) => member.id === options.id);
    if (own === undefined) {
      throw new InodeAppError(
        'ARGUMENT_INVALID',
        `member ${options.id} is not among the members ${options.members.map(({ id }) => id)}`,
      );
    }
    const parts = new Parts();
    try {
      const replica = await startParts(options, own, parts);
      return new Master(replica, options.directory, parts);
    } catch (error) {
      await parts.close().catch(() => {});
      throw error;
    }
  }

  status(): ReplicaStatus {
    return this.#replica.status();
  }

  /** Stops taking part, answers what waits, closes everything. Safe to call twice. */
  async stop(): Promise<void> {
    await this.#replica.stop();
    await this.stopped;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

async function startParts(
  options: MasterOptions,
  own: MemberAddresses,
  parts: Parts,
): Promise<Replica> {
  const { id, clusterId, directory, members, rejoin = false, log = () => {} } = options;
  const data: StepSubject = { kind: 'data', name: directory };
  // The log comes first: it knows whose directory this is, and keeps other processes out of it.
  const logStore = parts.add(await step(data, openLog(options)));
  const machine = parts.add(await step(data, openMachine(directory)));
  const service = parts.add(await step(data, openService(machine, members)));
  const logConnection = boundedLines(log, () => performance.now());
  const network = new TcpRpcNetwork({
    onEvent: (event) => logConnection(eventText('client', event)),
  });
  parts.add(
    await step(
      { kind: 'client address', name: own.clientAddress },
      network.listen(own.clientAddress, service.handler),
    ),
  );
  const replica = await step(
    { kind: 'member address', name: own.memberAddress },
    Replica.start({
      id,
      clusterId,
      initialVoters: rejoin ? [] : members.map((member) => member.id),
      log: logStore,
      transport: new TcpTransport({
        id,
        clusterId,
        address: own.memberAddress,
        peers: new Map(members.map((member) => [member.id, member.memberAddress])),
        onEvent: (event) => {
          // Members come and go; the changes of the lead that follow from it are said anyway.
          if (event.type === 'connected' || event.type === 'disconnected') return;
          logConnection(eventText('member', event));
        },
      }),
      applier: service,
    }),
  );
  parts.add({ close: () => replica.stop() });
  const changes = new RoleChanges();
  replica.onChange(() => {
    const message = changes.describe(replica.status());
    if (message !== undefined) log(message);
  });
  service.serve(replica);
  return replica;
}

async function step<T>(subject: StepSubject, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw startError(error, subject);
  }
}

function openLog({ directory, clusterId, id, log }: MasterOptions): Promise<RocksLogStore> {
  return RocksLogStore.open({
    directory,
    clusterId,
    memberId: id,
    onDamage: 'rebuild',
    onRebuild: (reason) => log?.(displayMessage(`the log is damaged and begins anew: ${reason}`)),
    memtableBudgetBytes: memory.LOG_MEMTABLE_BYTES,
    blockCacheBytes: memory.LOG_BLOCK_CACHE_BYTES,
  });
}

async function openMachine(directory: string): Promise<NamespaceMachine> {
  const rows = await openRocksRows({
    directory: join(directory, 'store'),
    memtableBudgetBytes: memory.STORE_MEMTABLE_BYTES,
    blockCacheBytes: memory.STORE_BLOCK_CACHE_BYTES,
  });
  try {
    return await NamespaceMachine.open({
      rows,
      maxCacheEntries: memory.INODE_CACHE_ENTRIES,
      maxCacheBytes: memory.INODE_CACHE_BYTES,
      absenceFilterBytes: memory.ABSENCE_FILTER_BYTES,
    });
  } catch (error) {
    await rows.close();
    throw error;
  }
}

function openService(
  machine: NamespaceMachine,
  members: readonly MemberAddresses[],
): Promise<StateMachineService<NamespaceCommand, NamespaceQuery>> {
  return StateMachineService.open({
    machine,
    clientAddresses: new Map(members.map(({ id, clientAddress }) => [id, clientAddress])),
    extraStatus: () => statistics(machine),
  });
}

/** What servers and transports report that is worth a line. */
type NetworkEvent =
  | { readonly type: 'rejected'; readonly remote: string; readonly reason: string }
  | { readonly type: string; readonly error: unknown };

function eventText(who: 'client' | 'member', event: NetworkEvent): string {
  if ('reason' in event) {
    return displayMessage(`turned away a ${who} at ${event.remote}: ${event.reason}`);
  }
  const reason = event.error instanceof Error ? event.error.message : String(event.error);
  return displayMessage(`${event.type} (${who}): ${reason}`);
}

function statistics(machine: NamespaceMachine): MasterStatistics {
  const { directories, files, symbolicLinks } = machine.statistics();
  const { rss, heapUsed } = process.memoryUsage();
  return {
    rssBytes: rss,
    heapUsedBytes: heapUsed,
    uptimeMs: Math.round(process.uptime() * 1000),
    directories,
    files,
    symbolicLinks,
  };
}
