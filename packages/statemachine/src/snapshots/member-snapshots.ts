import { mkdir } from 'node:fs/promises';
import {
  type Clock,
  type HttpHandler,
  type HttpRequest,
  type HttpResponse,
  HttpServer,
  type HttpServerEvent,
  observe,
  systemClock,
  waitingClock,
} from '@raft-ts/net';
import {
  address,
  callback,
  completeOptions,
  number,
  type OptionsForm,
  optional,
  text,
  wholeNumber,
  withMethods,
} from '@raft-ts/net/options';
import {
  type FetchedSnapshot,
  HttpSnapshotSource,
  type MemberId,
  type SnapshotApplication,
  SnapshotKeeper,
  type SnapshotKeeperEvent,
  type SnapshotPeer,
  type SnapshotReceiver,
  type SnapshotRequest,
  SnapshotServer,
  type SnapshotSource,
  type SnapshotSupply,
} from 'raft-ts';
import { memberId, snapshotPeers } from 'raft-ts/core';
import { optionsInvalid } from '../errors.js';
import type { ServedReplica } from '../service/served-member.js';
import { DEFAULT_MIN_FREE_BYTES, Room, receiverWithin, supplyWithin } from './room.js';
import type { SnapshotsStatus } from './snapshots-status.js';

export interface MemberSnapshotsOptions {
  readonly id: MemberId;
  readonly clusterId: string;
  /** What the state is; one of a higher version is not taken. */
  readonly application: SnapshotApplication;
  /** For the snapshots that it hands out; its own, made when it is missing. */
  readonly directory: string;
  /** What keeps them there, where the member needs them itself, too. One of its own by default. */
  readonly keeper?: SnapshotKeeper;
  /** Where it answers the others: `host:port`. */
  readonly address: string;
  /** Where this member's own state comes from. */
  readonly supply: SnapshotSupply;
  /** Where another's goes; closed with this. */
  readonly receiver: SnapshotReceiver & AsyncDisposable;
  /** Where others answer, beside what the membership says. */
  readonly peers?: () => readonly SnapshotPeer[];
  /** Bytes a second that are sent, and that are fetched. No limit by default. */
  readonly maxBytesPerSecond?: number;
  /** Bytes of the disk that stay free when a snapshot is made or received. 256 MiB by default. */
  readonly minFreeBytes?: number;
  /** How many are free; of the file system by default. */
  readonly freeBytes?: (directory: string) => Promise<number>;
  /** Connections of others. 64 by default. */
  readonly maxConnections?: number;
  readonly clock?: Clock;
  /** What else is answered at that address. */
  readonly handler?: HttpHandler;
  /** What it throws is uncaught. */
  readonly onEvent?: (event: MemberSnapshotsEvent) => void;
}

/** Nothing that has to be reacted to. */
export type MemberSnapshotsEvent = SnapshotKeeperEvent | HttpServerEvent;

const defaults = {
  maxBytesPerSecond: Number.POSITIVE_INFINITY,
  minFreeBytes: DEFAULT_MIN_FREE_BYTES,
  maxConnections: 64,
  clock: systemClock,
};

const optionsForm: OptionsForm<MemberSnapshotsOptions, typeof defaults> = {
  fields: {
    id: memberId,
    clusterId: text,
    // The server checks what is in it.
    application: withMethods(),
    directory: text,
    keeper: optional(withMethods('latest', 'make', 'read', 'check')),
    address,
    supply: withMethods('take'),
    receiver: withMethods('begun', 'begin', 'accept', 'complete', 'discard'),
    peers: optional(callback()),
    maxBytesPerSecond: number(1, Number.POSITIVE_INFINITY),
    minFreeBytes: wholeNumber(0),
    freeBytes: optional(callback()),
    maxConnections: wholeNumber(1),
    clock: withMethods('monotonicMs', 'after'),
    handler: optional(callback()),
    onEvent: optional(callback()),
  },
  defaults,
};

/** Between two looks whether kept snapshots are still of use, milliseconds. */
const REMOVAL_MS = 60_000;

/** What it needs of a member. */
export type SnapshotsReplica = Pick<ServedReplica, 'membership' | 'status'>;

/**
 * All that one member needs to give its state to others, and to take one: snapshots on its disk, an
 * HTTP endpoint where others get them, and a source that gets theirs. What kind of state machine it is,
 * `supply` and `receiver` know.
 *
 * ```ts
 * const snapshots = await MemberSnapshots.open({ ... });
 * const replica = await Replica.start({ ..., snapshots });
 * snapshots.serve(replica);
 * service.serve(replica, snapshots);
 * ```
 *
 * Stop the replica before it is closed, and close it before the state.
 */
export class MemberSnapshots implements SnapshotSource, AsyncDisposable {
  readonly #options: MemberSnapshotsOptions & typeof defaults;
  readonly #keeper: SnapshotKeeper;
  readonly #server: SnapshotServer;
  readonly #source: HttpSnapshotSource;
  #http: HttpServer | undefined;
  #replica: SnapshotsReplica | undefined;
  #cancelRemoval: () => void = () => {};
  #closing: Promise<void> | undefined;

  private constructor(options: MemberSnapshotsOptions & typeof defaults, keeper: SnapshotKeeper) {
    const { clusterId, application, supply, receiver, maxBytesPerSecond } = options;
    const room = new Room(options);
    this.#options = options;
    this.#keeper = keeper;
    this.#server = new SnapshotServer({
      clusterId,
      application,
      keeper,
      supply: supplyWithin(room, supply),
      maxSentBytesPerSecond: maxBytesPerSecond,
    });
    this.#source = new HttpSnapshotSource({
      clusterId,
      application,
      receiver: receiverWithin(room, receiver),
      peers: () => this.#peers(),
      maxBytesPerSecond,
    });
  }

  /**
   * Listens from then on. Rejects with OPTIONS_INVALID, ADDRESS_UNUSABLE, SNAPSHOT_FOREIGN (the directory holds
   * another cluster's) or what the file system reports; the receiver is not closed then.
   */
  static async open(given: MemberSnapshotsOptions): Promise<MemberSnapshots> {
    const options = completeOptions(optionsForm, given, optionsInvalid);
    const { directory, clusterId, clock } = options;
    const onEvent = (event: MemberSnapshotsEvent) => observe(options.onEvent, event);
    await mkdir(directory, { recursive: true });
    const keeper =
      options.keeper ?? (await SnapshotKeeper.open({ directory, clusterId, clock, onEvent }));
    const snapshots = new MemberSnapshots(options, keeper);
    snapshots.#http = await HttpServer.open(
      options.address,
      (request) => snapshots.#handle(request),
      { maxConnections: options.maxConnections, clock: waitingClock, onEvent },
    );
    return snapshots;
  }

  /** `host:port` as bound: a port of 0 is replaced by the real one. */
  get address(): string {
    return this.#http?.address ?? this.#options.address;
  }

  /** Whose membership says where the others are, and whose log which snapshots are of use. */
  serve(replica: SnapshotsReplica): void {
    this.#replica = replica;
    if (this.#options.keeper === undefined) this.#removeLater(replica);
  }

  /** No log goes on from them once this member's, and so probably all others, are cut behind them. */
  #removeLater(replica: SnapshotsReplica): void {
    this.#cancelRemoval = this.#options.clock.after(REMOVAL_MS, () => {
      const removed = this.#keeper.removeBefore(replica.status().firstIndex - 1);
      // What can't be removed now is tried again.
      void removed.catch(() => {}).then(() => this.#closing ?? this.#removeLater(replica));
    });
  }

  fetch(request: SnapshotRequest, signal: AbortSignal): Promise<FetchedSnapshot> {
    return this.#source.fetch(request, signal);
  }

  status(): SnapshotsStatus {
    const { making, failure, readers } = this.#server;
    const reached = this.#replica?.membership.endpoints[this.#options.id]?.http;
    return {
      address: reached ?? this.address,
      kept: this.#keeper.snapshots.map(({ header, fileBytes }) => ({
        index: header.base.index,
        bytes: fileBytes,
      })),
      readers,
      making,
      makingFailure: failure?.message,
      fetching: this.#source.progress,
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#cancelRemoval();
    await this.#http?.close();
    await this.#server.close();
    await this.#source.close();
    await this.#options.receiver[Symbol.asyncDispose]();
  }

  async #handle(request: HttpRequest): Promise<HttpResponse> {
    const { handler } = this.#options;
    if (handler === undefined || SnapshotServer.answers(request)) {
      return await this.#server.handle(request);
    }
    return await handler(request);
  }

  #peers(): readonly SnapshotPeer[] {
    const { id, peers } = this.#options;
    const known = this.#replica === undefined ? [] : snapshotPeers(this.#replica.membership);
    return [...known, ...(peers?.() ?? [])].filter(({ member }) => member !== id);
  }
}
