import { join } from 'node:path';
import type { RpcHandler } from '@raft-ts/net';
import { type MemberStatus, StateMachineService } from '@raft-ts/statemachine';
import { type LogStore, Replica, TcpTransport } from 'raft-ts';
import type { InodeAppError } from '../errors.js';
import type { NamespaceCommand } from '../namespace/operations/operation-table.js';
import type { NamespaceQuery } from '../namespace/queries/query-table.js';
import { NamespaceMachine } from '../store/namespace-machine.js';
import { openRocksRows } from '../store/rocksdb-rows.js';
import { type LogLine, RoleChanges } from './log-lines.js';
import type { MasterDisk, MasterOptions } from './master-options.js';
import * as memory from './memory-limits.js';
import { networkEventText } from './network-event.js';
import { Parts } from './parts.js';
import { type StepSubject, startError, step } from './start-error.js';

type NamespaceService = StateMachineService<NamespaceCommand, NamespaceQuery>;

/** How a run ended: everything is closed. */
export interface RunEnd {
  /** What stopped it, or could not be closed; undefined after `stop`. */
  readonly error: InodeAppError | undefined;
  /** What the member said of itself last. */
  readonly status: MemberStatus;
}

/**
 * A member from the opening of its files until they are closed: it never writes again to what
 * failed once, so whoever goes on after that makes a new run, on files that are opened anew.
 */
export class MemberRun {
  readonly #options: MasterOptions;
  readonly #parts: Parts;
  readonly #log: LogStore;
  readonly #service: NamespaceService;

  private constructor(
    options: MasterOptions,
    parts: Parts,
    log: LogStore,
    service: NamespaceService,
  ) {
    this.#options = options;
    this.#parts = parts;
    this.#log = log;
    this.#service = service;
  }

  /** Opens what lies in the data directory. Rejects as `Master.start`; nothing is open then. */
  static async open(
    options: MasterOptions,
    disk: MasterDisk,
    signal: AbortSignal,
  ): Promise<MemberRun> {
    const { directory, members } = options;
    const parts = new Parts();
    try {
      // The log comes first: it knows whose directory this is, and keeps other processes out of it.
      const log = parts.add(await disk.openLog(options, signal));
      const machine = parts.add(await openMachine(directory));
      const service = await StateMachineService.open({
        machine,
        clientAddresses: new Map(members.map(({ id, clientAddress }) => [id, clientAddress])),
        extraStatus: () => statistics(machine),
      });
      return new MemberRun(options, parts, log, parts.add(service));
    } catch (error) {
      await parts.close().catch(() => {});
      throw startError(error, { kind: 'data', name: directory });
    }
  }

  /** Answers clients, also before the member takes part. */
  get handler(): RpcHandler {
    return this.#service.handler;
  }

  /** Starts to take part, and listens there for the others. Rejects with ADDRESS_UNUSABLE and others; `abandon` it then. */
  async takePart(address: string, log: LogLine, logConnection: LogLine): Promise<Replica> {
    const { id, clusterId, members, rejoin = false, leaseReads } = this.#options;
    const starting = Replica.start({
      id,
      clusterId,
      initialVoters: rejoin ? [] : members.map((member) => member.id),
      initialEndpoints: Object.fromEntries(
        members.map((each) => [
          each.id,
          { member: each.memberAddress, client: each.clientAddress },
        ]),
      ),
      log: this.#log,
      transport: new TcpTransport({
        id,
        clusterId,
        address,
        peers: new Map(members.map((member) => [member.id, member.memberAddress])),
        onEvent: (event) => {
          // Members come and go; the changes of the lead that follow from it are said anyway.
          if (event.type === 'connected' || event.type === 'disconnected') return;
          logConnection(networkEventText('member', event));
        },
      }),
      applier: this.#service,
      ...(leaseReads === undefined ? {} : { leaseReads }),
    });
    const replica = await step({ kind: 'member address', name: address }, starting);
    this.#parts.add({ close: () => replica.stop() });
    const changes = new RoleChanges();
    replica.onChange(() => {
      const message = changes.describe(replica.status());
      if (message !== undefined) log(message);
    });
    this.#service.serve(replica);
    return replica;
  }

  /** Resolves when `replica`, which takes part, has stopped and everything is closed. */
  async ended(replica: Replica): Promise<RunEnd> {
    const cause = await replica.stopped;
    const status = this.#service.status();
    // What stopped it says more than that something could not be closed then.
    const failure = await this.#parts.close().then(
      () => cause,
      (error: unknown) => cause ?? error,
    );
    const data: StepSubject = { kind: 'data', name: this.#options.directory };
    return { error: failure === undefined ? undefined : startError(failure, data), status };
  }

  /** Closes what is open, of a run that does not take part. */
  async abandon(): Promise<void> {
    await this.#parts.close().catch(() => {});
  }
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

/** What `status` answers beside what the framework knows. */
function statistics(machine: NamespaceMachine) {
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
