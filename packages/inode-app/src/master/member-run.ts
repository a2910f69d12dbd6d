import { Parts, type RpcHandler } from '@raft-ts/net';
import { MemberSnapshots, type MemberStatus } from '@raft-ts/statemachine';
import {
  isRaftError,
  type LogBase,
  type LogStore,
  type Membership,
  Replica,
  TcpTransport,
} from 'raft-ts';
import { committedMembership } from 'raft-ts/core';
import { displayMessage } from '../display-names.js';
import type { InodeAppError } from '../errors.js';
import { HTTP_CONNECTIONS, MEMBER_CONNECTIONS } from '../store/kept-files.js';
import { TREE_APPLICATION } from '../store/tree-application.js';
import { isTreeDamage } from '../store/tree-damage.js';
import type { ListenAddresses } from './listen-addresses.js';
import { type LogLine, RoleChanges } from './log-lines.js';
import type { FoundDamage, MasterDisk, MasterOptions, Reopening } from './master-options.js';
import { endpointsOf } from './members.js';
import * as memory from './memory-limits.js';
import { networkEventText } from './network-event.js';
import { type OpenedTree, openTree } from './open-tree.js';
import { type StepSubject, startError, step } from './start-error.js';
import { snapshotsDirectory, treeState } from './tree-state.js';

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
  readonly #tree: OpenedTree;
  readonly #disk: MasterDisk;
  readonly #foundByQuery: AbortController;
  #replica: Replica | undefined;

  private constructor(
    options: MasterOptions,
    parts: Parts,
    log: LogStore,
    tree: OpenedTree,
    disk: MasterDisk,
    foundByQuery: AbortController,
  ) {
    this.#options = options;
    this.#parts = parts;
    this.#log = log;
    this.#tree = tree;
    this.#disk = disk;
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
      return new MemberRun(options, parts, log, parts.add(tree), disk, foundByQuery);
    } catch (error) {
      await parts.close().catch(() => {});
      throw startError(error, { kind: 'data', name: options.directory });
    }
  }

  /** Answers clients, also before the member takes part. */
  get handler(): RpcHandler {
    return this.#tree.service.handler;
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
  async takePart(at: ListenAddresses, log: LogLine, logConnection: LogLine): Promise<Replica> {
    const address = at.memberAddress;
    const snapshots = await this.#openSnapshots(at.httpAddress, logConnection);
    const { id, clusterId, members, advertise, join, rejoin = false, leaseReads } = this.#options;
    const isFounder = !rejoin && join === undefined;
    const own = advertise ?? members.find((member) => member.id === id);
    const starting = Replica.start({
      id,
      clusterId,
      initialVoters: isFounder ? members.map((member) => member.id) : [],
      initialEndpoints: Object.fromEntries(
        members.map((each) => {
          return [each.id, endpointsOf(each.id === id ? (advertise ?? each) : each)];
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
      applier: this.#tree.service,
      ...(leaseReads === undefined ? {} : { leaseReads }),
      ...(snapshots === undefined ? {} : { snapshots }),
      ...(own?.httpAddress === undefined ? {} : { snapshotAddress: own.httpAddress }),
      onEvent: ({ error, retryInMs }) =>
        logConnection(
          displayMessage(`${error.message}; asks again in ${Math.ceil(retryInMs / 1000)} s`),
        ),
    });
    const replica = await step({ kind: 'member address', name: address }, starting);
    this.#parts.add({ close: () => replica.stop() });
    const changes = new RoleChanges();
    replica.onChange(() => {
      const message = changes.describe(replica.status());
      if (message !== undefined) log(message);
    });
    this.#replica = replica;
    snapshots?.serve(replica);
    this.#tree.service.serve(replica, snapshots);
    return replica;
  }

  /** Gives and takes states, where it has an address for that. */
  async #openSnapshots(
    address: string | undefined,
    logConnection: LogLine,
  ): Promise<MemberSnapshots | undefined> {
    if (address === undefined) return undefined;
    const { id, clusterId, directory, members, snapshotBytesPerSecond } = this.#options;
    const opening = MemberSnapshots.open({
      id,
      clusterId,
      application: TREE_APPLICATION,
      directory: snapshotsDirectory(directory),
      address,
      ...treeState(this.#tree, () => this.#base()),
      peers: () =>
        members.flatMap(({ id: member, httpAddress }) =>
          httpAddress === undefined ? [] : [{ member, address: httpAddress }],
        ),
      ...(snapshotBytesPerSecond === undefined
        ? {}
        : { maxBytesPerSecond: snapshotBytesPerSecond }),
      minFreeBytes: this.#disk.limits.resumeFreeBytes,
      freeBytes: () => this.#disk.freeBytes(directory),
      ...HTTP_CONNECTIONS,
      onEvent: (event) => logConnection(networkEventText('HTTP client', event)),
    });
    return this.#parts.add(await step({ kind: 'http address', name: address }, opening));
  }

  /** As of what the tree holds. A member that is being brought up to date may hold what nobody committed. */
  #base(): LogBase | undefined {
    const replica = this.#replica;
    if (replica === undefined || replica.status().recovering) return undefined;
    return replica.baseAt(this.#tree.service.appliedIndex);
  }

  /** Resolves when `replica`, which takes part, has stopped and everything is closed. */
  async ended(replica: Replica): Promise<RunEnd> {
    const { signal } = this.#foundByQuery;
    const stop = () => void replica.stop();
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    const stoppedBy = await replica.stopped;
    const cause: unknown = signal.aborted ? signal.reason : stoppedBy;
    const status = this.#tree.service.status();
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
