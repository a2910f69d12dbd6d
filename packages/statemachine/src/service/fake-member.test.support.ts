import {
  abortable,
  type Clock,
  type RpcFailure,
  type RpcResponder,
  type WireValue,
} from '@raft-ts/net';
import {
  type Entry,
  EntryType,
  type LinearizableReader,
  type Membership,
  type MembershipChange,
  RaftError,
  type ReplicaStatus,
} from 'raft-ts';
import { EMPTY_MEMBERSHIP } from 'raft-ts/core';
import type { ServedReplica } from './served-member.js';

/** Time that passes when a test says so. */
export class ManualClock implements Clock {
  nowMs = 0;
  readonly #timers = new Map<number, { readonly atMs: number; readonly callback: () => void }>();
  #nextId = 0;

  monotonicMs(): number {
    return this.nowMs;
  }

  wallMs(): number {
    return 1_700_000_000_000 + this.nowMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const id = this.#nextId++;
    this.#timers.set(id, { atMs: this.nowMs + delayMs, callback });
    return () => this.#timers.delete(id);
  }

  afterInput(callback: () => void): () => void {
    return this.after(0, callback);
  }

  get timers(): number {
    return this.#timers.size;
  }

  /** Lets time pass, timer by timer. */
  advance(byMs: number): void {
    const endMs = this.nowMs + byMs;
    for (;;) {
      const [next] = [...this.#timers].sort(([, a], [, b]) => a.atMs - b.atMs);
      if (next === undefined || next[1].atMs > endMs) break;
      this.nowMs = Math.max(this.nowMs, next[1].atMs);
      this.#timers.delete(next[0]);
      next[1].callback();
    }
    this.nowMs = endMs;
  }
}

const ENTRY_BYTES = 100;

/** A member whose fate a test decides. */
export class FakeReplica implements ServedReplica {
  role: ReplicaStatus['role'] = 'follower';
  term = 1;
  leader = 0;
  commit = 0;
  readonly log: Entry[] = [];
  /** Of the log that `status` tells of, beside the entries proposed: each has 100 bytes. */
  readonly extent = { firstIndex: 1, lastIndex: 0, heldByAll: 0 };
  /** What it was told to compact. */
  readonly compacted: number[] = [];
  fetchesStates = false;
  /** Thrown by the next calls of `propose` and `compact`. */
  refusal: Error | undefined;
  /** Who waits for a linearizable read. */
  readonly readers: LinearizableReader[] = [];
  readonly stopped: Promise<Error | undefined>;
  readonly #resolveStopped: (error: Error | undefined) => void;
  readonly #listeners = new Set<() => void>();

  constructor() {
    let resolveStopped = (_: Error | undefined) => {};
    this.stopped = new Promise((resolve) => {
      resolveStopped = resolve;
    });
    this.#resolveStopped = resolveStopped;
  }

  async stop(cause?: Error): Promise<void> {
    this.#resolveStopped(cause);
  }

  get uncommittedEntries(): number {
    return this.log.length - this.commit;
  }

  propose(data: Uint8Array): { readonly index: number; readonly term: number } {
    if (this.refusal !== undefined) throw this.refusal;
    if (this.role !== 'leader') {
      throw new RaftError('NOT_LEADER', 'follows', { details: { leader: this.leader } });
    }
    const entry = { index: this.log.length + 1, term: this.term, type: EntryType.Command, data };
    this.log.push(entry);
    return { index: entry.index, term: entry.term };
  }

  /** What is asked of it about the membership: a test settles it. */
  readonly asked: {
    readonly what: MembershipChange | number | 'hand-over';
    readonly settle: (outcome: Error | boolean) => void;
  }[] = [];
  membership: Membership = EMPTY_MEMBERSHIP;

  #ask(what: MembershipChange | number | 'hand-over', signal?: AbortSignal): Promise<boolean> {
    const asked = new Promise<boolean>((resolve, reject) => {
      const settle = (outcome: Error | boolean) =>
        typeof outcome === 'boolean' ? resolve(outcome) : reject(outcome);
      this.asked.push({ what, settle });
    });
    return abortable(asked, signal);
  }

  async changeMembership(change: MembershipChange, signal?: AbortSignal): Promise<Membership> {
    await this.#ask(change, signal);
    return this.membership;
  }

  async transferLeadership(target: number, signal?: AbortSignal): Promise<void> {
    await this.#ask(target, signal);
  }

  /** Who was not to take over, of each hand-over. */
  readonly passedOver: (readonly number[])[] = [];

  handOver(signal?: AbortSignal, without: readonly number[] = []): Promise<boolean> {
    this.passedOver.push(without);
    return this.#ask('hand-over', signal);
  }

  /** Looks each time that something was settled. */
  async until<T>(look: () => T | undefined, signal?: AbortSignal): Promise<T> {
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      await abortable(new Promise(setImmediate), signal);
    }
  }

  read(reader: LinearizableReader): void {
    this.readers.push(reader);
  }

  status(): ReplicaStatus {
    return {
      clusterId: 'test',
      snapshotFailure: undefined,
      id: 1,
      role: this.role,
      term: this.term,
      votedFor: 0,
      leader: this.leader,
      membership: this.membership,
      voter: true,
      recovering: false,
      fetchingFrom: 0,
      transferTarget: 0,
      firstIndex: this.extent.firstIndex,
      lastIndex: this.#lastIndex,
      logBytes: (this.#lastIndex - this.extent.firstIndex + 1) * ENTRY_BYTES,
      heldByAll: this.extent.heldByAll,
      durable: this.log.length,
      commit: this.commit,
      applied: Math.max(this.commit, this.extent.lastIndex),
      uncommittedBytes: 0,
      unappliedBytes: 0,
      windowBytes: 0,
      pendingReads: 0,
      leaseEndMs: undefined,
      elections: [],
      progress: [],
    };
  }

  get #lastIndex(): number {
    return Math.max(this.log.length, this.extent.lastIndex);
  }

  compact(index: number): void {
    if (this.refusal !== undefined) throw this.refusal;
    this.compacted.push(index);
    this.extent.firstIndex = index + 1;
  }

  firstEntryWithin(maxBytes: number): number {
    const first = this.#lastIndex + 1 - Math.floor(maxBytes / ENTRY_BYTES);
    return Math.max(this.extent.firstIndex, first);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  become(role: ReplicaStatus['role'], term: number, leader: number): void {
    Object.assign(this, { role, term, leader });
    for (const listener of this.#listeners) listener();
  }
}

/** Collects the one answer to a request. */
export class Answer implements RpcResponder {
  result: WireValue;
  failure: RpcFailure | undefined;
  times = 0;

  done(result: WireValue): void {
    this.times++;
    this.result = result;
  }

  failed(failure: RpcFailure): void {
    this.times++;
    this.failure = failure;
  }

  /** Undefined, the result, or the failure's code and outcome. */
  get seen(): WireValue {
    if (this.times > 1) return `answered ${this.times} times`;
    if (this.failure === undefined) return this.times === 0 ? 'waiting' : this.result;
    const { outcome, leader } = this.failure.details as Record<string, unknown>;
    return leader === undefined
      ? `${this.failure.code} ${outcome}`
      : `${this.failure.code} ${outcome} ${leader}`;
  }
}
