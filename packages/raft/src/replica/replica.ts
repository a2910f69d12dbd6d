import { abortable, type Clock, waitingClock } from '@raft-ts/net';
import type { Effect, ReadEntriesEffect } from '../core/effects.js';
import type { Entry, MemberId } from '../core/log/entry.js';
import type { LogBase } from '../core/log/log-state.js';
import type { Endpoints } from '../core/membership/endpoints.js';
import type { Membership } from '../core/membership/membership.js';
import type { MembershipChange } from '../core/membership/membership-change.js';
import type { Message } from '../core/message.js';
import { Raft } from '../core/raft.js';
import { isRaftError } from '../errors.js';
import { addMember } from './add-member.js';
import { thrownBy } from './call-each.js';
import { ChangeListeners } from './change-listeners.js';
import { Conditions } from './conditions.js';
import { checkEndpoints } from './endpoint-problem.js';
import { type Founding, found } from './founding.js';
import { HeldState } from './held-state.js';
import { withOwnAddress } from './own-address.js';
import { PendingChanges } from './pending-changes.js';
import type { LinearizableReader } from './pending-reads.js';
import { PendingTransfers } from './pending-transfers.js';
import { Reads } from './reads.js';
import {
  changeError,
  leadershipLost,
  proposalError,
  stoppedError,
  stoppingError,
  transferError,
} from './replica-error.js';
import {
  checkOptions,
  DEFAULT_TICK_MS,
  electionTicks,
  leaseMs,
  type ReplicaOptions,
} from './replica-options.js';
import { SnapshotFetch } from './snapshot-fetch.js';
import type { ReplicaStatus } from './status.js';

/** Without a leader for so many election timeouts, what becomes of a change is unknown here. */
const CHANGE_ELECTION_TIMEOUTS = 2;

/**
 * One running member: feeds the core with time, messages and finished writes, and does what it
 * hands out. Everything happens on one event loop; nothing here waits for the disk.
 *
 * The core takes in whatever one turn of the event loop brings, then its effects are taken once:
 * so messages and entries travel, and are written, in groups.
 */
export class Replica implements AsyncDisposable {
  /** Resolves when this member has stopped: with what stopped it, or undefined after `stop()`. */
  readonly stopped: Promise<Error | undefined>;
  readonly #options: ReplicaOptions;
  readonly #clock: Clock;
  readonly #raft: Raft;
  readonly #reads: Reads;
  readonly #changes: PendingChanges;
  readonly #transfers = new PendingTransfers();
  readonly #snapshot: SnapshotFetch;
  readonly #listeners = new ChangeListeners();
  readonly #conditions = new Conditions();
  #resolveStopped: (error: Error | undefined) => void = () => {};
  #stopping: Promise<void> | undefined;
  /** What stopped it, when that was an error. */
  #stoppedBy: Error | undefined;
  #cancelTick: () => void = () => {};
  #cancelRun: (() => void) | undefined;
  /** Disk and apply operations under way; closing waits for them. */
  readonly #underWay = new Set<Promise<void>>();
  readonly #held: HeldState;

  private constructor(options: ReplicaOptions, { log, applied, joining }: Founding) {
    this.#options = options;
    this.#clock = options.clock ?? waitingClock;
    this.#held = new HeldState(options.applier);
    this.#raft = new Raft({
      id: options.id,
      log,
      applied,
      joining,
      random: options.random ?? Math.random,
      options: { ...options.raft, leaseMs: leaseMs(options) },
    });
    this.#reads = new Reads({
      holdsLease: (atMs) => this.#raft.holdsLease(atMs),
      ask: (context, leaseAtMs) => this.#call(() => this.#raft.readIndex(context, leaseAtMs)),
      stopped: () => (this.#stopping === undefined ? undefined : stoppedError(this.#stoppedBy)),
    });
    this.#changes = new PendingChanges(CHANGE_ELECTION_TIMEOUTS * electionTicks(options));
    this.#snapshot = new SnapshotFetch({
      source: options.snapshots,
      clock: this.#clock,
      random: options.random ?? Math.random,
      event: (event) => options.onEvent?.(event),
      fetched: (base) => this.#raft.snapshotFetched(base),
      failed: (index) => this.#raft.snapshotFailed(index),
    });
    this.stopped = new Promise((resolve) => {
      this.#resolveStopped = resolve;
    });
  }

  /**
   * Starts to take part. Rejects with OPTIONS_INVALID, ADDRESS_UNUSABLE, LOG_WRITE_FAILED,
   * LOG_CORRUPT when the state machine holds more than the log does, LOG_CONTRADICTED when it comes from
   * another history (`Applier.appliedTerm`), or STATE_MISSING when it holds
   * less than what the log begins behind, and there are no `snapshots`; the log and the transport
   * are closed then.
   */
  static async start(options: ReplicaOptions): Promise<Replica> {
    try {
      checkOptions(options);
      const replica = new Replica(options, await found(options));
      replica.#membershipInForce(replica.#raft.membership);
      await options.transport.start(
        (message) => replica.#input(() => replica.#raft.step(message)),
        (member) => replica.#input(() => replica.#raft.processEnded(member)),
      );
      replica.#scheduleTick();
      replica.#scheduleRun();
      return replica;
    } catch (error) {
      // They may be anything.
      await Promise.allSettled([
        (async () => options.transport.close())(),
        (async () => options.log.close())(),
      ]);
      throw stoppingError(error);
    }
  }

  /**
   * Appends to the log when this member leads, and returns at once: the entry later comes to
   * `applier.apply` on every member, or another one of another term does at that index, and then
   * this one is definitely lost. Throws NOT_LEADER (`details`: `{ leader }`, 0 when unknown),
   * PROPOSAL_TOO_LARGE, PROPOSALS_OVERLOADED or REPLICA_STOPPED; nothing was appended then.
   */
  propose(data: Uint8Array): { readonly index: number; readonly term: number } {
    const outcome = this.#call(() => this.#raft.propose([data]));
    if (!outcome.accepted) throw proposalError(outcome, data.byteLength);
    return outcome;
  }

  /**
   * Resolves when a read of the applied state is linearizable: it sees everything that was
   * acknowledged anywhere before this call. Calls of one turn share a round of heartbeats. On any
   * member that knows a leader: a follower asks it, and waits until it has applied as much.
   * Rejects with NOT_LEADER (`details`: `{ leader }`), LEADERSHIP_LOST, READS_OVERLOADED,
   * REPLICA_STOPPED, or the signal's reason; reads can be tried again anywhere.
   */
  readIndex(signal?: AbortSignal): Promise<void> {
    return this.#reads.promise(undefined, signal);
  }

  /**
   * As `readIndex`, but a leader that holds a lease asks nobody. Without one, without the option
   * `leaseReads`, and on other members, it is the same as `readIndex`.
   */
  leaseRead(signal?: AbortSignal): Promise<void> {
    return this.#reads.promise(this.#clock.monotonicMs(), signal);
  }

  /** As `leaseRead`, for many readers: without a promise for each. */
  read(reader: LinearizableReader): void {
    try {
      this.#reads.begin(reader, this.#clock.monotonicMs());
    } catch (error) {
      this.#fail(error);
    }
  }

  /**
   * Changes the membership and resolves once that is in force here. Several members can change in
   * one step. Only where this member leads, and one change at a time.
   *
   * Definite: NOT_LEADER, CHANGE_REFUSED (`details`: `{ reason }`), CHANGE_LOST (another leader put
   * something else in its place). Unknown: OUTCOME_UNKNOWN, also after two election timeouts without
   * a leader; REPLICA_STOPPED; the signal's reason. The membership in `status()` tells later.
   */
  async changeMembership(change: MembershipChange, signal?: AbortSignal): Promise<Membership> {
    signal?.throwIfAborted();
    this.#checkRunning();
    checkEndpoints(change);
    const outcome = this.#call(() => this.#raft.changeMembership(change));
    if (!outcome.accepted) throw changeError(outcome);
    await abortable(this.#changes.add(outcome.index, outcome.term), signal);
    return this.#raft.membership;
  }

  /**
   * Adds `id` as a learner, waits until it has caught up, and makes it a voter. Safe to call
   * again: what is done already is not done twice. Rejects as `changeMembership` does, and with
   * NOT_LEADER when the lead was lost in between.
   */
  addMember(id: MemberId, endpoints?: Endpoints, signal?: AbortSignal): Promise<Membership> {
    return addMember(this, id, endpoints, signal);
  }

  /**
   * Hands the lead to `target` and resolves when it leads. Until then nothing can be proposed
   * here; that lasts an election timeout at most. Rejects with NOT_LEADER, TRANSFER_REFUSED,
   * TRANSFER_FAILED (`details`: `{ outcome }`), REPLICA_STOPPED or the signal's reason.
   */
  async transferLeadership(target: MemberId, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const outcome = this.#call(() => this.#raft.transferLeadership(target));
    if (!outcome.accepted) throw transferError(outcome);
    await abortable(this.#transfers.add(outcome.number), signal);
  }

  /**
   * Hands the lead to the voter that has come furthest of those heard from, to one of priority 0
   * only where no other keeps up, as `transferLeadership` does; to none of `without`. Resolves with false at once when
   * this member does not lead, or there is no such voter.
   */
  async handOver(signal?: AbortSignal, without: readonly MemberId[] = []): Promise<boolean> {
    const target = this.#raft.successor(without);
    if (target === 0) return false;
    await this.transferLeadership(target, signal);
    return true;
  }

  /** Campaigns now, as if the election timeout had passed. */
  campaign(): void {
    this.#call(() => this.#raft.campaign());
  }

  /**
   * Forgets who leads, so that this member votes without waiting: for whoever knows that the
   * leader is dead. Does nothing on a leader, or with `leaseReads`.
   */
  forgetLeader(): void {
    this.#call(() => this.#raft.forgetLeader());
  }

  /**
   * The state machine holds everything up to `index` durably: the log may forget it. Members that
   * lack it are offered a state instead. Does nothing for what is not applied or gone already.
   */
  compact(index: number): void {
    this.#call(() => this.#raft.compact(index));
  }

  /**
   * The first of the newest entries of this member's log that together take no more than
   * `maxBytes`, each with a fixed part beside its payload; one behind the last if none fits.
   */
  firstEntryWithin(maxBytes: number): number {
    return this.#raft.firstEntryWithin(maxBytes);
  }

  /** Whether it can get a state from others, and so does without entries: `ReplicaOptions.snapshots`. */
  get fetchesStates(): boolean {
    return this.#options.snapshots !== undefined;
  }

  /**
   * What a log begins with behind a state as of `index`: for whoever hands this member's state to
   * others. Undefined when `index` is compacted away or not applied.
   */
  baseAt(index: number): LogBase | undefined {
    return this.#raft.baseAt(index);
  }

  /** Who takes part, as far as it is applied here. */
  get membership(): Membership {
    return this.#raft.membership;
  }

  /** Entries of this member's log that are not committed yet. */
  get uncommittedEntries(): number {
    return this.#raft.uncommittedEntries;
  }

  status(): ReplicaStatus {
    const { clusterId } = this.#options;
    return { clusterId, snapshotFailure: this.#snapshot.failure, ...this.#raft.status() };
  }

  /**
   * Calls `listener` after role, term or leader changed, or whether it is recovering, and when this
   * member has stopped. What it throws stops the member. Returns what ends that.
   */
  onChange(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  /**
   * Resolves with what `look` returns as soon as that is not undefined; it is called after each
   * turn. Rejects with what it throws, REPLICA_STOPPED, or the signal's reason.
   */
  async until<T>(look: () => T | undefined, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    this.#checkRunning();
    return this.#conditions.until(() => {
      this.#checkRunning();
      return look();
    }, signal);
  }

  /**
   * Stops taking part, waits for what is being written or applied, closes transport and log. At
   * once: who leads should call `handOver` first, or the others have to miss it. `cause`: why the
   * application can't go on, when that is the reason; what waits is told, and `stopped` resolves
   * with it.
   */
  stop(cause?: Error): Promise<void> {
    this.#stopping ??= this.#close(cause);
    return this.#stopping;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #checkRunning(): void {
    if (this.#stopping !== undefined) throw stoppedError(this.#stoppedBy);
  }

  /**
   * Calls the core, and has what follows from it carried out. What escapes from it is a broken
   * invariant and stops the member.
   */
  #call<T>(call: () => T): T {
    this.#checkRunning();
    try {
      const outcome = call();
      this.#scheduleRun();
      return outcome;
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  #input(input: () => void): void {
    if (this.#stopping !== undefined) return;
    try {
      input();
      this.#scheduleRun();
    } catch (error) {
      this.#fail(error);
    }
  }

  /**
   * A tick counts only after the input that arrived before it, and a late one counts once: an
   * event loop that was held up (a long collection, a stopped process) first hears what others
   * had to say before it believes that the leader is gone.
   */
  #scheduleTick(): void {
    this.#cancelTick = this.#clock.after(this.#options.tickMs ?? DEFAULT_TICK_MS, () => {
      this.#cancelTick = this.#clock.afterInput(() => {
        try {
          this.#raft.tick();
          this.#changes.tick(this.#raft.leader !== 0);
          this.#run();
          if (this.#stopping === undefined) this.#scheduleTick();
        } catch (error) {
          this.#fail(error);
        }
      });
    });
  }

  #scheduleRun(): void {
    if (this.#cancelRun !== undefined || this.#stopping !== undefined) return;
    this.#cancelRun = this.#clock.afterInput(() => {
      this.#cancelRun = undefined;
      this.#run();
    });
  }

  #run(): void {
    if (this.#stopping !== undefined) return;
    try {
      this.#reads.pending.close();
      const effects = this.#raft.takeEffects(this.#clock.monotonicMs());
      for (const effect of effects) this.#carryOut(effect);
      if (this.#raft.leader === 0) this.#reads.pending.abandon(leadershipLost);
      this.#listeners.announce(this.#raft);
      this.#conditions.check();
    } catch (error) {
      this.#fail(error);
    }
  }

  #carryOut(effect: Effect): void {
    switch (effect.type) {
      case 'send':
        this.#send(effect.messages);
        break;
      case 'write':
        this.#write(effect);
        break;
      case 'apply':
        this.#apply(effect.entries);
        break;
      case 'read-entries':
        this.#await(this.#readEntries(effect), (entries) =>
          this.#raft.entriesRead(effect.reader, entries),
        );
        break;
      case 'read-ready':
        this.#reads.pending.ready(effect.contexts, effect.index, this.#raft.appliedIndex);
        break;
      case 'read-failed':
        for (const context of effect.contexts) this.#reads.pending.fail(context, leadershipLost());
        break;
      case 'fetch-snapshot':
        this.#await(this.#snapshot.fetch(effect), () => {});
        break;
      case 'install-snapshot':
        this.#await(this.#install(effect.base), () => this.#installed(effect.base));
        break;
      case 'membership-in-force':
        this.#membershipInForce(effect.membership);
        break;
      case 'transfer-ended':
        this.#transfers.ended(effect);
        break;
    }
  }

  #send(messages: readonly Message[]): void {
    const { transport, snapshotAddress } = this.#options;
    transport.send(withOwnAddress(messages, snapshotAddress));
  }

  #write({ hardState, base, entries, messages, sequence }: Effect & { type: 'write' }): void {
    const { log, applier } = this.#options;
    this.#await(log.write({ hardState, base, entries }), () => {
      this.#send(messages);
      this.#raft.written(sequence);
    });
    if (entries.length > 0) applier.appended(entries);
  }

  /** Nothing when the entries were replaced or compacted away meanwhile: nobody needs them then. */
  #readEntries(effect: ReadEntriesEffect): Promise<readonly Entry[]> {
    const read = this.#options.log.read(effect.first, effect.last, effect.maxBytes);
    return read.catch((error: unknown) => {
      if (isRaftError(error, 'LOG_UNAVAILABLE')) return [];
      throw error;
    });
  }

  #apply(entries: readonly Entry[]): void {
    const fresh = this.#held.fresh(entries);
    const applying = fresh.length === 0 ? undefined : this.#options.applier.apply(fresh);
    if (applying === undefined) this.#applied(entries);
    else this.#await(applying, () => this.#applied(entries));
  }

  #applied(entries: readonly Entry[]): void {
    const index = entries.at(-1)?.index ?? 0;
    this.#raft.applied(index);
    this.#reads.pending.applied(index);
    this.#changes.applied(entries);
    this.#scheduleRun();
  }

  async #install(base: LogBase): Promise<void> {
    await this.#snapshot.install(base);
    await this.#options.applier.installed?.(base.index);
  }

  #installed(base: LogBase): void {
    this.#held.installed(base);
    this.#raft.snapshotInstalled(base.index);
    this.#reads.pending.applied(base.index);
    this.#changes.installed(base.index);
  }

  #membershipInForce({ endpoints }: Membership): void {
    this.#options.transport.setPeers?.(
      new Map(Object.entries(endpoints).map(([id, { member }]) => [Number(id), member])),
    );
  }

  /** Follows an operation; its failure stops the member. */
  #await<T>(operation: Promise<T>, then: (result: T) => void): void {
    const followed = operation
      .then((result) => {
        if (this.#stopping !== undefined) return;
        then(result);
        this.#scheduleRun();
      })
      .catch((error: unknown) => this.#fail(error))
      .finally(() => this.#underWay.delete(followed));
    this.#underWay.add(followed);
  }

  #fail(cause: unknown): void {
    void this.stop(stoppingError(cause));
  }

  async #close(error: Error | undefined): Promise<void> {
    this.#stoppedBy = error;
    this.#cancelTick();
    this.#cancelRun?.();
    const stopped = stoppedError(error);
    const byReader = thrownBy(() => this.#reads.pending.failAll(stopped));
    this.#changes.failAll(stopped);
    this.#transfers.failAll(stopped);
    this.#snapshot.abort();
    await Promise.allSettled([this.#options.transport.close(), ...this.#underWay]);
    await Promise.allSettled([this.#snapshot.close(), this.#options.log.close()]);
    const byListener = thrownBy(() => this.#listeners.end());
    this.#stoppedBy ??= byReader ?? byListener;
    this.#resolveStopped(this.#stoppedBy);
    this.#conditions.check();
  }
}
