import {
  type Clock,
  type RpcFailure,
  type RpcHandler,
  type RpcResponder,
  systemClock,
  type WireValue,
} from '@raft-ts/net';
import { type Applier, type Entry, EntryType, RaftError } from 'raft-ts';
import { type EntryItem, encodeItem } from '../entries/entry-codec.js';
import { LogClock } from '../entries/log-clock.js';
import { failure } from '../errors.js';
import { invariant } from '../invariant.js';
import type { DurableStateMachine } from '../machine/durable-state-machine.js';
import { type SessionLimits, sameLimits, sessionLimits } from '../sessions/session-limits.js';
import { SessionRefusal, SessionTable } from '../sessions/session-table.js';
import { OwnWork } from '../tasks/own-work.js';
import { DecodedEntries, type DecodedEntry } from './applying/decoded-entries.js';
import { applyEntry } from './applying/entry-applier.js';
import { LeaderWaiters } from './leader-waiters.js';
import type { MemberView, ServedReplica } from './member-view.js';
import { answerAll, Proposer } from './proposing/proposer.js';
import { Queries } from './reading/queries.js';
import { requestHandler } from './request-handler.js';
import { type ServiceLimits, type ServiceOptions, serviceLimits } from './service-options.js';
import type { MemberStatus } from './status/member-status.js';

/** How often deadlines are looked at, milliseconds. */
const SWEEP_MS = 50;

type Answers = readonly (WireValue | SessionRefusal)[];

/**
 * Runs a durable state machine on one member: applies what the replica commits, and answers
 * clients. `open` it, start a `Replica` with it as `applier`, `serve` that replica, and give
 * `handler` to an `RpcNetwork`. What escapes from the machine's `apply` or `commit` stops the
 * member; nothing that comes from a client does.
 */
export class StateMachineService<Command, Query> implements Applier, AsyncDisposable {
  /** Answers clients; see `RpcMethod`. */
  readonly handler: RpcHandler;

  readonly #options: ServiceOptions<Command, Query>;
  readonly #limits: ServiceLimits;
  readonly #sessionLimits: SessionLimits;
  readonly #machine: DurableStateMachine<Command, Query>;
  readonly #sessions: SessionTable;
  readonly #clock: Clock;
  readonly #logClock: LogClock;
  readonly #decoded: DecodedEntries<Command>;
  readonly #proposer: Proposer<Command>;
  readonly #queries: Queries<Query>;
  readonly #waiters: LeaderWaiters;
  readonly #work: OwnWork;

  #replica: ServedReplica | undefined;
  #unsubscribe: () => void = () => {};
  #view: MemberView | undefined;
  #stopped: { readonly error: Error | undefined } | undefined;
  #closing: Promise<void> | undefined;
  #cancelFlush: (() => void) | undefined;
  #cancelSweep: (() => void) | undefined;

  private constructor(options: ServiceOptions<Command, Query>, sessions: SessionTable) {
    this.#options = options;
    this.#limits = serviceLimits(options);
    this.#sessionLimits = sessionLimits(options.sessions);
    this.#machine = options.machine;
    this.#sessions = sessions;
    this.#clock = options.clock ?? systemClock;
    this.#logClock = new LogClock(this.#clock, sessions.logTimeMs);
    this.#decoded = new DecodedEntries(options.machine, this.#limits.maxEntriesAhead);
    this.#proposer = new Proposer({
      limits: this.#limits,
      entryTimes: () => ({ logTimeMs: this.#logClock.next(), wallMs: this.#clock.wallMs() }),
      proposing: (payload, content) => this.#decoded.remember(payload, content),
      notLeader: (error) => this.#notLeader(error),
    });
    this.#queries = new Queries(options.machine, this.#limits.maxPendingQueries, (error) =>
      this.#readFailure(error),
    );
    this.#waiters = new LeaderWaiters(options.clientAddresses, this.#limits.maxLeaderWaiters);
    this.handler = requestHandler({
      machine: options.machine,
      limits: this.#limits,
      serves: (responder) => this.#serves(responder),
      leads: (responder) => this.#leads(responder),
      enqueue: (...request) => this.#enqueue(...request),
      query: (...request) => this.#query(...request),
      findLeader: (...request) => this.#findLeader(...request),
      status: () => this.status(),
    });
    this.#work = new OwnWork(this.#clock, this.#limits.workPauseMs, () => this.#submitWork());
  }

  /** Reads the sessions kept beside the machine's state. Rejects with OPTIONS_INVALID, SESSIONS_CORRUPT. */
  static async open<Command, Query>(
    options: ServiceOptions<Command, Query>,
  ): Promise<StateMachineService<Command, Query>> {
    const sessions = await SessionTable.load(options.machine.frameworkRows());
    return new StateMachineService(options, sessions);
  }

  /** From now on requests are answered by this replica, whose `applier` this service is. */
  serve(replica: ServedReplica): void {
    invariant(this.#replica === undefined, 'a service serves one replica');
    this.#replica = replica;
    this.#unsubscribe = replica.onChange(() => this.#changed());
    void replica.stopped.then((error) => this.#replicaStopped(error));
    this.#changed();
  }

  get appliedIndex(): number {
    return this.#machine.appliedIndex;
  }

  appended(entries: readonly Entry[]): void {
    this.#decoded.appended(entries, this.#machine.appliedIndex);
  }

  apply(entries: readonly Entry[]): Promise<void> | undefined {
    const first = entries[0]?.index;
    const { appliedIndex } = this.#machine;
    invariant(
      first === appliedIndex + 1,
      `entry ${first} comes to be applied after ${appliedIndex}`,
    );
    const decoded = entries.map((entry) =>
      entry.type === EntryType.Command ? this.#decoded.take(entry) : undefined,
    );
    const fetching = decoded.flatMap((entry) => entry?.fetching ?? []);
    if (fetching.length === 0) {
      this.#applyNow(entries, decoded);
      return undefined;
    }
    return Promise.all(fetching).then(() => this.#applyNow(entries, decoded));
  }

  status(): MemberStatus {
    return {
      replica: this.#replica?.status(),
      stopped: this.#stopped !== undefined,
      stoppedBy: this.#stopped?.error?.message,
      pid: process.pid,
      clientAddresses: [...this.#options.clientAddresses],
      sessions: this.#sessions.size,
      savedResultBytes: this.#sessions.savedBytes,
      logTimeMs: this.#sessions.logTimeMs,
      appliedIndex: this.#machine.appliedIndex,
      pendingRequests: this.#proposer.pendingItems,
      pendingQueries: this.#queries.size,
      extra: this.#options.extraStatus?.(),
    };
  }

  /**
   * Answers everything that waits, and closes the machine. Stop the replica first: it must not
   * apply any more.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#replicaStopped(undefined);
    await this.#machine.close();
  }

  // --- Requests

  #enqueue(
    item: EntryItem<Command>,
    encoded: Uint8Array,
    waitMs: number,
    responder: RpcResponder,
  ): void {
    if (!this.#proposer.submit(item, encoded, this.#deadline(waitMs), responder)) return;
    this.#scheduleFlush();
    this.#scheduleSweep();
  }

  #query(query: Query, linearizable: boolean, waitMs: number, responder: RpcResponder): void {
    const replica = this.#replica;
    const deadlineMs = this.#deadline(waitMs);
    if (!linearizable || replica === undefined) {
      this.#queries.local(query, deadlineMs, responder);
    } else {
      this.#queries.linearizable(query, deadlineMs, responder, () => replica.readIndex());
    }
    this.#scheduleSweep();
  }

  #findLeader(aboveTerm: number, waitMs: number, responder: RpcResponder): void {
    const view = this.#stopped === undefined ? this.#view : undefined;
    const waiter = { aboveTerm, deadlineMs: this.#deadline(waitMs), responder };
    this.#waiters.ask(waiter, view, this.#clock.monotonicMs());
    this.#scheduleSweep();
  }

  #deadline(waitMs: number): number {
    return this.#clock.monotonicMs() + waitMs;
  }

  /** Whether this member takes part; otherwise the client is told. */
  #serves(responder: RpcResponder): boolean {
    if (this.#stopped !== undefined) {
      responder.failed(stoppedFailure());
      return false;
    }
    if (this.#replica !== undefined) return true;
    responder.failed(failure('UNAVAILABLE', 'this member has not started to serve yet'));
    return false;
  }

  /** Whether this member leads; otherwise the client is told who does. */
  #leads(responder: RpcResponder): boolean {
    if (!this.#serves(responder)) return false;
    if (this.#view?.role === 'leader') return true;
    responder.failed(this.#notLeader());
    return false;
  }

  #notLeader(error?: RaftError): RpcFailure {
    const leader = leaderIn(error) ?? this.#view?.leader ?? 0;
    const address = this.#options.clientAddresses.get(leader);
    const who = address === undefined ? 'no leader is known' : `${address} leads`;
    return failure('NOT_LEADER', `this member does not lead; ${who}`, 'definite', address);
  }

  #readFailure(error: unknown): RpcFailure {
    if (!(error instanceof RaftError)) return failure('UNAVAILABLE', String(error));
    switch (error.code) {
      case 'NOT_LEADER':
      case 'LEADERSHIP_LOST':
        return this.#notLeader(error);
      case 'READS_OVERLOADED':
        return failure('OVERLOADED', error.message);
      default:
        return failure('STOPPED', error.message);
    }
  }

  // --- Proposing

  /** Requests that arrive together are proposed together. */
  #scheduleFlush(): void {
    if (this.#cancelFlush !== undefined) return;
    this.#cancelFlush = this.#clock.afterInput(() => {
      this.#cancelFlush = undefined;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#replica === undefined || this.#stopped !== undefined) return;
    this.#proposer.flush(this.#replica);
  }

  /** One step of what this member wants done through the log itself. */
  #submitWork(): boolean {
    if (this.#view?.role !== 'leader' || this.#stopped !== undefined) return false;
    const limits = this.#sessionLimits;
    if (!sameLimits(limits, this.#sessions.limits)) {
      this.#proposer.submitOwn({ kind: 'limits', limits }, encodeItem({ kind: 'limits', limits }));
    } else {
      const value = this.#machine.pendingWork();
      if (value === undefined) return false;
      const command = this.#machine.parseCommand(value);
      const encoded = encodeItem({ kind: 'work', command: value });
      this.#proposer.submitOwn({ kind: 'work', command }, encoded);
    }
    this.#scheduleFlush();
    return true;
  }

  // --- Applying

  #applyNow(
    entries: readonly Entry[],
    decoded: readonly (DecodedEntry<Command> | undefined)[],
  ): void {
    const answers = entries.map((entry, i) => this.#applyOne(entry, decoded[i]));
    const last = entries.at(-1)?.index ?? 0;
    this.#machine.commit(last, this.#sessions.takeRows());
    for (const [i, entry] of entries.entries()) this.#settle(entry, answers[i] ?? []);
    if (this.#proposer.hasWaiting) this.#scheduleFlush();
    this.#work.ask();
  }

  #applyOne(entry: Entry, decoded: DecodedEntry<Command> | undefined): Answers {
    if (decoded === undefined) return [];
    if (decoded.fetchError !== undefined) throw decoded.fetchError;
    const answers = applyEntry(this.#machine, this.#sessions, entry.index, decoded.content);
    this.#logClock.saw(this.#sessions.logTimeMs);
    return answers;
  }

  /** Answers the clients of this member that wait for this entry. */
  #settle(entry: Entry, answers: Answers): void {
    const proposal = this.#proposer.take(entry.index);
    if (proposal === undefined) return;
    if (proposal.term !== entry.term) {
      // Another leader's entry stands where this one was to be: it never takes effect.
      answerAll(proposal.items, this.#notLeader());
      this.#work.reset();
      return;
    }
    for (const [i, { item, responder }] of proposal.items.entries()) {
      if (item.kind === 'work' || item.kind === 'limits') this.#work.done();
      else if (responder !== undefined) answer(responder, answers[i]);
    }
  }

  // --- Changes of the member

  #changed(): void {
    if (this.#replica === undefined || this.#stopped !== undefined) return;
    const { id, role, term, leader } = this.#replica.status();
    const view: MemberView = { id, role, term, leader };
    this.#view = view;
    this.#waiters.changed(view);
    const leads = role === 'leader';
    this.#proposer.abandonBefore(leads ? term : Number.POSITIVE_INFINITY);
    if (!leads) this.#proposer.refuseWaiting(this.#notLeader());
    this.#work.reset();
    if (leads) this.#work.ask();
  }

  #replicaStopped(error: Error | undefined): void {
    if (this.#stopped !== undefined) return;
    this.#stopped = { error };
    this.#unsubscribe();
    this.#cancelFlush?.();
    this.#cancelSweep?.();
    this.#work.reset();
    this.#waiters.answerAll();
    this.#proposer.abandonBefore(Number.POSITIVE_INFINITY);
    this.#proposer.refuseWaiting(stoppedFailure());
    this.#queries.close(stoppedFailure());
  }

  // --- Deadlines

  /** One timer for all requests, and none while nothing waits. */
  #scheduleSweep(): void {
    if (this.#cancelSweep !== undefined || this.#stopped !== undefined) return;
    this.#cancelSweep = this.#clock.after(SWEEP_MS, () => {
      this.#cancelSweep = undefined;
      this.#sweep();
    });
  }

  #sweep(): void {
    const nowMs = this.#clock.monotonicMs();
    this.#proposer.expire(nowMs);
    this.#queries.expire(nowMs);
    this.#waiters.expire(nowMs, this.#view);
    if (this.#proposer.pendingItems + this.#queries.size + this.#waiters.size > 0) {
      this.#scheduleSweep();
    }
  }
}

function answer(responder: RpcResponder, result: WireValue | SessionRefusal): void {
  if (result instanceof SessionRefusal) responder.failed(failure(result.code, result.message));
  else responder.done(result);
}

function leaderIn(error: RaftError | undefined): number | undefined {
  const details = error?.details;
  if (typeof details !== 'object' || details === null || !('leader' in details)) return undefined;
  return typeof details.leader === 'number' ? details.leader : undefined;
}

function stoppedFailure(): RpcFailure {
  return failure('STOPPED', 'this member has stopped; ask another one');
}
