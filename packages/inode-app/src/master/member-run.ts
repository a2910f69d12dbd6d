import type { RpcHandler } from '@raft-ts/net';
import type { MemberStatus } from '@raft-ts/statemachine';
import { isRaftError, type LogStore, type Membership, Replica, TcpTransport } from 'raft-ts';
import { committedMembership } from 'raft-ts/core';
import type { InodeAppError } from '../errors.js';
import { MEMBER_CONNECTIONS } from '../store/kept-files.js';
import { isTreeDamage } from '../store/tree-damage.js';
import { type LogLine, RoleChanges } from './log-lines.js';
import type { FoundDamage, MasterDisk, MasterOptions, Reopening } from './master-options.js';
import * as memory from './memory-limits.js';
import { networkEventText } from './network-event.js';
import { type NamespaceService, openTree } from './open-tree.js';
import { Parts } from './parts.js';
import { type StepSubject, startError, step } from './start-error.js';

/** How a run ended: everything is closed. */
export interface RunEnd {
  /** What stopped it, or could not be closed; undefined after `stop`. */
  readonly error: InodeAppError | undefined;
  /** What was found damaged, if that is what stopped it. */
  readonly damage: FoundDamage | undefined;
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
  readonly #foundByQuery: AbortController;

  private constructor(
    options: MasterOptions,
    parts: Parts,
    log: LogStore,
    service: NamespaceService,
    foundByQuery: AbortController,
  ) {
    this.#options = options;
    this.#parts = parts;
    this.#log = log;
    this.#service = service;
    this.#foundByQuery = foundByQuery;
  }

  /**
   * Opens what lies in the data directory, and begins anew what of it is damaged. Rejects as
   * `Master.start`; nothing is open then. `reopening`: another run has just ended.
   */
  static async open(
    options: MasterOptions,
    disk: MasterDisk,
    signal: AbortSignal,
    reopening?: Reopening,
  ): Promise<MemberRun> {
    const parts = new Parts();
    const foundByQuery = new AbortController();
    try {
      // The log comes first: it knows whose directory this is, and keeps other processes out of it.
      const log = parts.add(await disk.openLog(options, signal, reopening));
      const damage = reopening?.damage;
      const tree = await openTree({
        ...options,
        knownDamage: damage?.part === 'tree' ? damage.error : undefined,
        onDamage: (error) => foundByQuery.abort(error),
      });
      return new MemberRun(options, parts, log, parts.add(tree).service, foundByQuery);
    } catch (error) {
      await parts.close().catch(() => {});
      throw startError(error, { kind: 'data', name: options.directory });
    }
  }

  /** Answers clients, also before the member takes part. */
  get handler(): RpcHandler {
    return this.#service.handler;
  }

  /** Who takes part, by what the log knew when it was opened. */
  get membership(): Membership {
    return committedMembership(this.#log.initial);
  }

  /** Whether this member has never been part of a cluster, as far as its log tells. */
  get isNew(): boolean {
    const { lastIndex, hardState } = this.#log.initial;
    return lastIndex === 0 && hardState.term === 0 && hardState.recovery === 0;
  }

  /** Starts to take part, and listens there for the others. Rejects with ADDRESS_UNUSABLE and others; `abandon` it then. */
  async takePart(address: string, log: LogLine, logConnection: LogLine): Promise<Replica> {
    const { id, clusterId, members, advertise, join, rejoin = false, leaseReads } = this.#options;
    const isFounder = !rejoin && join === undefined;
    const starting = Replica.start({
      id,
      clusterId,
      initialVoters: isFounder ? members.map((member) => member.id) : [],
      initialEndpoints: Object.fromEntries(
        members.map((each) => {
          const at = each.id === id ? (advertise ?? each) : each;
          return [each.id, { member: at.memberAddress, client: at.clientAddress }];
        }),
      ),
      log: this.#log,
      transport: new TcpTransport({
        id,
        clusterId,
        address,
        peers: new Map(members.map((member) => [member.id, member.memberAddress])),
        maxIncompleteBytes: memory.MEMBER_INCOMPLETE_BYTES,
        ...MEMBER_CONNECTIONS,
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
    const { signal } = this.#foundByQuery;
    const stop = () => void replica.stop();
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    const stoppedBy = await replica.stopped;
    const cause: unknown = signal.aborted ? signal.reason : stoppedBy;
    const status = this.#service.status();
    // What stopped it says more than that something could not be closed then.
    const failure = await this.#parts.close().then(
      () => cause,
      (error: unknown) => cause ?? error,
    );
    const data: StepSubject = { kind: 'data', name: this.#options.directory };
    const error = failure === undefined ? undefined : startError(failure, data);
    return { error, damage: damageIn(cause), status };
  }

  /** Closes what is open, of a run that does not take part. */
  async abandon(): Promise<void> {
    await this.#parts.close().catch(() => {});
  }
}

function damageIn(cause: unknown): FoundDamage | undefined {
  if (isTreeDamage(cause)) return { part: 'tree', error: cause };
  return isRaftError(cause, 'LOG_CORRUPT') ? { part: 'log', error: cause } : undefined;
}
