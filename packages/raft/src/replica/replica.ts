import { abortable } from '../abortable.js';
import { type Clock, systemClock } from '../clock.js';
import type { Effect, ReadEntriesEffect, Rejected } from '../core/effects.js';
import type { Entry, MemberId } from '../core/entry.js';
import type { Message } from '../core/message.js';
import { defaultRaftOptions, optionProblems, type RaftOptions } from '../core/options.js';
import { Raft } from '../core/raft.js';
import { RaftError } from '../errors.js';
import type { LogStore } from '../log/log-store.js';
import type { Transport } from '../transport/transport.js';
import type { Applier } from './applier.js';
import { PendingReads } from './pending-reads.js';
import type { ReplicaStatus } from './status.js';

export interface ReplicaOptions {
  readonly id: MemberId;
  readonly clusterId: string;
  /** Every member of the cluster, this one included. */
  readonly voters: readonly MemberId[];
  /** Opened; the replica closes it when it stops. */
  readonly log: LogStore;
  /** Not started; the replica starts it, and closes it when it stops. */
  readonly transport: Transport;
  readonly applier: Applier;
  /** Milliseconds a tick; `raft` counts its timeouts in ticks. 20 by default. */
  readonly tickMs?: number;
  readonly raft?: Partial<RaftOptions>;
  readonly clock?: Clock;
  /** Uniform in [0, 1); `Math.random` by default. */
  readonly random?: () => number;
}

const DEFAULT_TICK_MS = 20;

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
  readonly #reads = new PendingReads();
  readonly #listeners = new Set<() => void>();
  #resolveStopped: (error: Error | undefined) => void = () => {};
  #stopping: Promise<void> | undefined;
  #cancelTick: () => void = () => {};
  #cancelRun: (() => void) | undefined;
  /** Disk and apply operations under way; closing waits for them. */
  readonly #underWay = new Set<Promise<void>>();
  #announced = { role: '', term: -1, leader: -1 };

  private constructor(options: ReplicaOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#raft = new Raft({
      id: options.id,
      voters: options.voters,
      log: options.log.initial,
      applied: options.applier.appliedIndex,
      random: options.random ?? Math.random,
      ...(options.raft === undefined ? {} : { options: options.raft }),
    });
    this.stopped = new Promise((resolve) => {
      this.#resolveStopped = resolve;
    });
  }

  /**
   * Starts to take part. Rejects with OPTIONS_INVALID, TRANSPORT_ADDRESS, or LOG_CORRUPT when the
   * state machine holds more than the log does; the log and the transport are closed then.
   */
  static async start(options: ReplicaOptions): Promise<Replica> {
    try {
      checkOptions(options);
      const replica = new Replica(options);
      await options.transport.start((message) => replica.#receive(message));
      replica.#scheduleTick();
      replica.#scheduleRun();
      return replica;
    } catch (error) {
      await Promise.allSettled([options.transport.close(), options.log.close()]);
      throw error;
    }
  }

  /**
   * Appends to the log when this member leads, and returns at once: the entry later comes to
   * `applier.apply` on every member, or another one of another term does at that index, and then
   * this one is definitely lost. Throws NOT_LEADER (`details`: `{ leader }`, 0 when unknown),
   * PROPOSAL_TOO_LARGE, PROPOSALS_OVERLOADED or REPLICA_STOPPED; nothing was appended then.
   */
  propose(data: Uint8Array): { readonly index: number; readonly term: number } {
    this.#checkRunning();
    const outcome = this.#guard(() => this.#raft.propose([data]));
    if (!outcome.accepted) throw proposalError(outcome, data.byteLength);
    this.#scheduleRun();
    return outcome;
  }

  /**
   * Resolves when a read of the applied state is linearizable: it sees everything that was
   * acknowledged anywhere before this call. Calls of one turn share a round of heartbeats.
   * Rejects with NOT_LEADER (`details`: `{ leader }`), LEADERSHIP_LOST, READS_OVERLOADED,
   * REPLICA_STOPPED, or the signal's reason; reads can be tried again anywhere.
   */
  readIndex(signal?: AbortSignal): Promise<void> {
    if (this.#stopping !== undefined) return Promise.reject(stoppedError());
    const { context, promise, isNew } = this.#reads.join();
    if (isNew) {
      const outcome = this.#guard(() => this.#raft.readIndex(context));
      if (!outcome.accepted) this.#reads.fail(context, readError(outcome));
      this.#scheduleRun();
    }
    return abortable(promise, signal);
  }

  /** Entries of this member's log that are not committed yet. */
  get uncommittedEntries(): number {
    return this.#raft.uncommittedEntries;
  }

  status(): ReplicaStatus {
    return { clusterId: this.#options.clusterId, ...this.#raft.status() };
  }

  /** Calls `listener` after role, term or leader changed. Returns what ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Stops taking part, waits for what is being written or applied, closes transport and log. */
  stop(): Promise<void> {
    return this.#stop(undefined);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #checkRunning(): void {
    if (this.#stopping !== undefined) throw stoppedError();
  }

  /** Runs a call into the core; what escapes from it is a broken invariant and stops the member. */
  #guard<T>(call: () => T): T {
    try {
      return call();
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  #receive(message: Message): void {
    if (this.#stopping !== undefined) return;
    try {
      this.#raft.step(message);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#scheduleRun();
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
        } catch (error) {
          this.#fail(error);
          return;
        }
        this.#run();
        if (this.#stopping === undefined) this.#scheduleTick();
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
      this.#reads.close();
      for (const effect of this.#raft.takeEffects()) this.#carryOut(effect);
      this.#announce();
    } catch (error) {
      this.#fail(error);
    }
  }

  #carryOut(effect: Effect): void {
    const { log, transport, applier } = this.#options;
    switch (effect.type) {
      case 'send':
        transport.send(effect.messages);
        break;
      case 'write': {
        const { hardState, entries } = effect;
        this.#await(
          log.write(hardState === undefined ? { entries } : { hardState, entries }),
          () => {
            transport.send(effect.messages);
            this.#raft.written(effect.sequence);
          },
        );
        if (entries.length > 0) applier.appended(entries);
        break;
      }
      case 'apply':
        this.#apply(effect.entries);
        break;
      case 'read-entries':
        this.#await(this.#read(effect), (entries) =>
          this.#raft.entriesRead(effect.reader, entries),
        );
        break;
      case 'read-ready':
        this.#reads.ready(effect.contexts, effect.index, this.#raft.appliedIndex);
        break;
      case 'read-failed':
        for (const context of effect.contexts) this.#reads.fail(context, leadershipLost());
        break;
    }
  }

  /** Nothing when the entries were replaced meanwhile: whoever lost the lead need not send them. */
  #read(effect: ReadEntriesEffect): Promise<readonly Entry[]> {
    const read = this.#options.log.read(effect.first, effect.last, effect.maxBytes);
    if (effect.reader === 0) return read;
    return read.catch((error: unknown) => {
      if (error instanceof RaftError && error.code === 'LOG_UNAVAILABLE') return [];
      throw error;
    });
  }

  #apply(entries: readonly Entry[]): void {
    const last = entries.at(-1)?.index ?? 0;
    const applying = this.#options.applier.apply(entries);
    if (applying === undefined) this.#applied(last);
    else this.#await(applying, () => this.#applied(last));
  }

  #applied(index: number): void {
    this.#raft.applied(index);
    this.#reads.applied(index);
    this.#scheduleRun();
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

  #announce(): void {
    const { role, term, leader } = this.#raft;
    const before = this.#announced;
    if (before.role === role && before.term === term && before.leader === leader) return;
    this.#announced = { role, term, leader };
    for (const listener of this.#listeners) listener();
  }

  #fail(cause: unknown): void {
    const error = cause instanceof Error ? cause : new Error(String(cause), { cause });
    void this.#stop(error);
  }

  #stop(error: Error | undefined): Promise<void> {
    this.#stopping ??= this.#close(error);
    return this.#stopping;
  }

  async #close(error: Error | undefined): Promise<void> {
    this.#cancelTick();
    this.#cancelRun?.();
    this.#reads.failAll(stoppedError(error));
    await Promise.allSettled([this.#options.transport.close(), ...this.#underWay]);
    await Promise.allSettled([this.#options.log.close()]);
    this.#resolveStopped(error);
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }
}

function checkOptions(options: ReplicaOptions): void {
  const raft = { ...defaultRaftOptions, ...options.raft };
  const problems = optionProblems(raft, options.id, options.voters);
  const tickMs = options.tickMs ?? DEFAULT_TICK_MS;
  if (!(tickMs > 0)) problems.push(`tickMs must be above 0, not ${tickMs}`);
  if (problems.length > 0) throw new RaftError('OPTIONS_INVALID', problems.join('; '));
  const { lastIndex } = options.log.initial;
  const { appliedIndex } = options.applier;
  if (appliedIndex > lastIndex) {
    throw new RaftError(
      'LOG_CORRUPT',
      `the state machine has applied ${appliedIndex} entries but the log ends at ${lastIndex}: ` +
        'the log has lost entries, or the two are not of one member. This member must not take ' +
        'part until its data directory has been rebuilt from the others',
    );
  }
}

function proposalError(rejected: Rejected, bytes: number): RaftError {
  switch (rejected.reason) {
    case 'not-leader':
      return notLeader(rejected.leader);
    case 'too-large':
      return new RaftError('PROPOSAL_TOO_LARGE', `a proposal of ${bytes} bytes is above the limit`);
    case 'overloaded':
      return new RaftError(
        'PROPOSALS_OVERLOADED',
        'too many bytes wait to be committed; try again when some have been',
      );
  }
}

function readError(rejected: Rejected): RaftError {
  if (rejected.reason === 'not-leader') return notLeader(rejected.leader);
  return new RaftError('READS_OVERLOADED', 'too many reads wait for their index; try again later');
}

function notLeader(leader: MemberId): RaftError {
  const who = leader === 0 ? 'no leader is known' : `member ${leader} leads`;
  return new RaftError('NOT_LEADER', `this member does not lead; ${who}`, { details: { leader } });
}

function leadershipLost(): RaftError {
  return new RaftError(
    'LEADERSHIP_LOST',
    'this member lost the lead before the read was confirmed; read again from the new leader',
  );
}

function stoppedError(cause?: Error): RaftError {
  return new RaftError(
    'REPLICA_STOPPED',
    cause === undefined ? 'this member has stopped' : `this member has stopped: ${cause.message}`,
    cause === undefined ? {} : { cause },
  );
}
