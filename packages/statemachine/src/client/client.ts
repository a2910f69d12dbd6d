import type { Clock, WireValue } from '@raft-ts/net';
import { withTimeout } from '@raft-ts/net';
import { StateMachineError, type StateMachineErrorCode } from '../errors.js';
import { QueryConsistency, RpcMethod } from '../rpc-methods.js';
import type { MemberStatus } from '../service/status/member-status.js';
import { type AttemptFailure, attemptFailure } from './attempt-failure.js';
import {
  type ClientLimits,
  type ClientOptions,
  clientLimits,
  isTimeout,
  timeoutError,
  waitingClock,
} from './client-options.js';
import { ClientSession } from './client-session.js';
import { LeaderFinder } from './leader-finder.js';
import type { LeaderLink } from './leader-link.js';
import { parseLeaderAnswer } from './leader-search.js';
import { queryMember } from './local-query.js';
import { Operation } from './operation.js';
import { Outbox } from './outbox.js';
import { SharedConnections } from './shared-connections.js';

/** How often deadlines, pauses and silence are looked at, milliseconds. */
const TICK_MS = 20;
/** For saying goodbye, milliseconds. */
const CLOSE_TIMEOUT_MS = 500;

export interface RequestOptions {
  /** Rejects with ABORTED; a command that was sent may still take effect. */
  readonly signal?: AbortSignal;
  /** Milliseconds until the outcome, up to 2^31 - 1; the client's `timeoutMs` by default. */
  readonly timeoutMs?: number;
}

export interface QueryOptions extends RequestOptions {
  /** 'linearizable' by default: sees everything acknowledged before. 'local': what a member has. */
  readonly consistency?: 'linearizable' | 'local';
}

/**
 * A client of a replicated state machine. It finds the leader, tries again within the deadline,
 * and numbers its commands so that each takes effect once, however often it is sent. Errors are
 * StateMachineErrors; `outcome` says whether a command may have taken effect all the same.
 */
export class ReplicatedClient implements AsyncDisposable {
  readonly #limits: ClientLimits;
  readonly #clock: Clock;
  readonly #connections: SharedConnections;
  readonly #finder: LeaderFinder;
  readonly #outbox = new Outbox();
  readonly #outstanding = new Set<Operation>();
  readonly #closing = new AbortController();
  /** Of no more use, but they still owe answers. */
  readonly #left = new Set<LeaderLink>();
  #session: ClientSession | undefined;
  /** Over which a session is being opened. */
  #openingOver: LeaderLink | undefined;
  #openAgainAtMs = 0;
  #sessionProblem: AttemptFailure | undefined;
  #cancelTick: (() => void) | undefined;
  #earliestDeadlineMs = Number.POSITIVE_INFINITY;
  #closed: Promise<void> | undefined;

  /** Connects when something is asked for. Throws OPTIONS_INVALID. */
  constructor(options: ClientOptions) {
    this.#limits = clientLimits(options);
    this.#clock = options.clock ?? waitingClock;
    this.#connections = new SharedConnections(options.network);
    this.#finder = new LeaderFinder({
      addresses: [...new Set(options.addresses)],
      connections: this.#connections,
      limits: this.#limits,
      clock: this.#clock,
      random: options.random ?? Math.random,
      linked: () => this.#pump(),
    });
  }

  /** Carries out a command, once, and resolves with the machine's result. */
  command(value: WireValue, options: RequestOptions = {}): Promise<WireValue> {
    return this.#begin('command', value, options);
  }

  /** Resolves with the machine's answer. */
  query(value: WireValue, options: QueryOptions = {}): Promise<WireValue> {
    if (options.consistency !== 'local') return this.#begin('query', value, options);
    if (this.#closed !== undefined) return Promise.reject(closedError());
    const timeoutMs = options.timeoutMs ?? this.#limits.timeoutMs;
    if (!isTimeout(timeoutMs)) return Promise.reject(timeoutError(timeoutMs));
    return queryMember({
      value,
      addresses: this.#finder.addresses,
      connections: this.#connections,
      limits: this.#limits,
      clock: this.#clock,
      timeoutMs,
      signal: options.signal,
      closing: this.#closing.signal,
    });
  }

  /** What the member at this address says of itself, leader or not. Rejects with UNAVAILABLE. */
  async status(address: string, options: RequestOptions = {}): Promise<MemberStatus> {
    if (this.#closed !== undefined) throw closedError();
    const timeoutMs = options.timeoutMs ?? this.#limits.timeoutMs;
    if (!isTimeout(timeoutMs)) throw timeoutError(timeoutMs);
    try {
      const status = await withTimeout(this.#clock, timeoutMs, options.signal, async (signal) => {
        const lease = await this.#connections.acquire(address, signal);
        try {
          return await lease.connection.request(RpcMethod.Status, null, signal);
        } finally {
          lease.release();
        }
      });
      return parseStatus(status);
    } catch (error) {
      if (error instanceof StateMachineError) throw error;
      if (options.signal?.aborted === true) throw abortedError(options.signal.reason);
      const { code, message } = attemptFailure(error);
      throw new StateMachineError(code, `${address}: ${message}`, { cause: error });
    }
  }

  /** Rejects what is outstanding, ends the session and closes all connections. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #begin(
    kind: 'command' | 'query',
    value: WireValue,
    { signal, timeoutMs = this.#limits.timeoutMs }: RequestOptions,
  ): Promise<WireValue> {
    if (this.#closed !== undefined) return Promise.reject(closedError());
    if (signal?.aborted === true) return Promise.reject(abortedError(signal.reason));
    if (!isTimeout(timeoutMs)) return Promise.reject(timeoutError(timeoutMs));
    if (this.#outstanding.size >= this.#limits.maxOutstanding) {
      const message = `${this.#outstanding.size} requests are outstanding; wait for some`;
      return Promise.reject(new StateMachineError('OVERLOADED', message));
    }
    return new Promise((resolve, reject) => {
      const deadlineMs = this.#clock.monotonicMs() + timeoutMs;
      const operation = new Operation(kind, value, deadlineMs, { resolve, reject });
      if (signal !== undefined) {
        operation.watch(signal, () =>
          this.#reject(operation, 'ABORTED', 'the request was aborted', signal.reason),
        );
      }
      this.#outstanding.add(operation);
      this.#earliestDeadlineMs = Math.min(this.#earliestDeadlineMs, deadlineMs);
      this.#scheduleTick();
      this.#outbox.add(operation);
      this.#pump();
    });
  }

  /** Sends what waits, as far as there is a leader, a session and room. */
  #pump(): void {
    if (this.#outstanding.size === 0) return;
    const { link } = this.#finder;
    if (link === undefined) return;
    if (this.#session === undefined && this.#outbox.hasCommands) this.#openSession(link);
    while (link.inFlight < this.#limits.maxInFlight && !link.retired) {
      const operation = this.#outbox.take(this.#session);
      if (operation === undefined) return;
      this.#send(operation, link);
    }
  }

  #send(operation: Operation, link: LeaderLink): void {
    const { session, value } = operation;
    const timeoutMs = Math.max(1, operation.deadlineMs - this.#clock.monotonicMs());
    operation.link = link;
    link.sent();
    const answer =
      session === undefined
        ? link.connection.request(RpcMethod.Query, [QueryConsistency.OfLeader, value, timeoutMs])
        : link.connection.request(RpcMethod.Command, [
            session.id,
            operation.sequence,
            session.acknowledgedBelow,
            value,
            timeoutMs,
          ]);
    answer.then(
      (result) => this.#answered(operation, link, result),
      (error: unknown) => this.#attemptFailed(operation, link, error),
    );
  }

  /** Also the answer to an earlier attempt is the result: both attempts are one command. */
  #answered(operation: Operation, link: LeaderLink, result: WireValue): void {
    link.served = true;
    link.heard();
    if (!operation.settled) {
      this.#outstanding.delete(operation);
      operation.resolve(result);
    }
    this.#afterAnswer();
  }

  #attemptFailed(operation: Operation, link: LeaderLink, error: unknown): void {
    link.heard();
    const failure = attemptFailure(error, link.connection.open);
    if (failure.step === 'find-leader') this.#leave(link);
    else link.served = true;
    // An earlier attempt's end tells nothing about the one that is on its way now.
    if (!operation.settled && operation.link === link) this.#next(operation, failure);
    this.#afterAnswer();
  }

  #afterAnswer(): void {
    if (this.#outstanding.size === 0) this.#rest();
    else this.#pump();
  }

  #next(operation: Operation, failure: AttemptFailure): void {
    operation.link = undefined;
    operation.problem = failure;
    if (failure.outcome === 'unknown') operation.inDoubt = true;
    switch (failure.step) {
      case 'find-leader':
      case 'retry-now':
        this.#outbox.add(operation);
        break;
      case 'retry-later':
        this.#outbox.addLater(operation, this.#clock.monotonicMs() + this.#limits.minBackoffMs);
        break;
      case 'new-session':
        this.#sessionEnded(operation, failure);
        break;
      case 'reject':
        this.#reject(operation, failure.code, failure.message);
        break;
    }
  }

  /** In another session a command that may have taken effect could take effect a second time. */
  #sessionEnded(operation: Operation, failure: AttemptFailure): void {
    if (operation.session === this.#session) this.#session = undefined;
    if (operation.outcome === 'unknown') {
      this.#reject(operation, failure.code, 'the session ended before the outcome was known');
      return;
    }
    operation.session = undefined;
    this.#outbox.add(operation);
  }

  #openSession(link: LeaderLink): void {
    const nowMs = this.#clock.monotonicMs();
    if (this.#openingOver !== undefined || nowMs < this.#openAgainAtMs) return;
    this.#openingOver = link;
    link.sent();
    link.connection.request(RpcMethod.OpenSession, [this.#limits.timeoutMs]).then(
      (answer) => {
        link.served = true;
        link.heard();
        if (this.#openingOver === link) this.#sessionOpened(answer);
        this.#afterAnswer();
      },
      (error: unknown) => {
        link.heard();
        const failure = attemptFailure(error);
        if (failure.step === 'find-leader') this.#leave(link);
        if (this.#openingOver === link) this.#sessionNotOpened(failure);
        this.#afterAnswer();
      },
    );
  }

  #sessionOpened(answer: WireValue): void {
    this.#openingOver = undefined;
    const [id, window]: readonly unknown[] = Array.isArray(answer) ? answer : [];
    if (typeof id === 'number' && typeof window === 'number' && window >= 1) {
      this.#session = new ClientSession(id, window);
      this.#sessionProblem = undefined;
      return;
    }
    const message = 'the member opened a session in a way that this version does not understand';
    this.#sessionNotOpened({
      step: 'retry-later',
      outcome: 'definite',
      code: 'ANSWER_INVALID',
      message,
    });
  }

  #sessionNotOpened(failure: AttemptFailure): void {
    this.#openingOver = undefined;
    this.#sessionProblem = failure;
    if (failure.step === 'find-leader') return;
    this.#openAgainAtMs = this.#clock.monotonicMs() + this.#limits.maxBackoffMs;
  }

  #reject(
    operation: Operation,
    code: StateMachineErrorCode,
    message: string,
    cause?: unknown,
  ): void {
    this.#outstanding.delete(operation);
    operation.reject(code, message, cause);
    this.#outbox.tidy(this.#outstanding.size);
    if (this.#outstanding.size === 0) this.#rest();
  }

  /** Looks for another leader; what is on its way over this link may still be answered. */
  #leave(link: LeaderLink): void {
    this.#finder.leave(link);
    if (link.inFlight > 0) this.#left.add(link);
  }

  /** One timer for everything, and none while nothing is outstanding. */
  #scheduleTick(): void {
    this.#cancelTick ??= this.#clock.after(TICK_MS, () => {
      this.#cancelTick = undefined;
      this.#tick();
    });
  }

  #tick(): void {
    const nowMs = this.#clock.monotonicMs();
    this.#outbox.wake(nowMs);
    if (nowMs >= this.#earliestDeadlineMs) this.#expire(nowMs);
    if (this.#outstanding.size === 0) return;
    const { link } = this.#finder;
    if (link !== undefined) this.#listen(link);
    for (const left of this.#left) {
      if (left.inFlight > 0) this.#listen(left);
      else this.#left.delete(left);
    }
    this.#pump();
    this.#scheduleTick();
  }

  #expire(nowMs: number): void {
    this.#earliestDeadlineMs = Number.POSITIVE_INFINITY;
    for (const operation of this.#outstanding) {
      if (operation.deadlineMs <= nowMs) this.#rejectLate(operation);
      else this.#earliestDeadlineMs = Math.min(this.#earliestDeadlineMs, operation.deadlineMs);
    }
  }

  #rejectLate(operation: Operation): void {
    const problem =
      operation.problem ?? (operation.session === undefined ? this.#sessionProblem : undefined);
    const because = problem === undefined ? '' : `; the last attempt: ${problem.message}`;
    if (operation.outcome === 'unknown') {
      const message = `the time was over; the command was sent, and may take effect${because}`;
      this.#reject(operation, 'OUTCOME_UNKNOWN', message);
    } else if (problem?.step === 'retry-later') {
      this.#reject(operation, problem.code, problem.message);
    } else if (this.#finder.link === undefined) {
      this.#reject(operation, 'UNAVAILABLE', `no member that leads was found in time${because}`);
    } else {
      this.#reject(operation, 'DEADLINE_EXCEEDED', `there was no answer in time${because}`);
    }
  }

  /**
   * A leader that says nothing for long is asked whether it leads; one that has nothing to say to
   * that either hangs. Counted in ticks: a process that was stopped itself has not listened.
   */
  #listen(link: LeaderLink): void {
    if (link.inFlight === 0) return;
    const quiet = ++link.quietTicks;
    const limit = Math.ceil(this.#limits.silenceMs / TICK_MS);
    if (quiet === limit) this.#ping(link);
    if (quiet >= 2 * limit) this.#hangs(link);
  }

  #ping(link: LeaderLink): void {
    link.inFlight++;
    link.connection.request(RpcMethod.FindLeader, [0, 0]).then(
      (answer) => {
        link.heard();
        if (!parseLeaderAnswer(answer).leads) this.#hangs(link);
      },
      () => {
        link.heard();
        this.#hangs(link);
      },
    );
  }

  /** What was sent there is sent to the next leader; late answers are still welcome. */
  #hangs(link: LeaderLink): void {
    this.#leave(link);
    if (this.#openingOver === link) this.#openingOver = undefined;
    const message = `${link.address} does not answer`;
    const failure = {
      step: 'find-leader',
      outcome: 'unknown',
      code: 'UNAVAILABLE',
      message,
    } as const;
    for (const operation of this.#outstanding) {
      if (operation.link === link) this.#next(operation, failure);
    }
    void link.connection.close();
    this.#pump();
  }

  #rest(): void {
    this.#cancelTick?.();
    this.#cancelTick = undefined;
    this.#earliestDeadlineMs = Number.POSITIVE_INFINITY;
    this.#outbox.clear();
    this.#finder.rest();
  }

  async #close(): Promise<void> {
    for (const operation of this.#outstanding) {
      this.#reject(operation, 'CLIENT_CLOSED', 'the client was closed');
    }
    this.#rest();
    this.#closing.abort();
    await this.#endSession();
    this.#finder.close();
    await this.#connections.close();
  }

  /** A courtesy: a session that is not ended expires. */
  async #endSession(): Promise<void> {
    const session = this.#session;
    const link = session === undefined ? undefined : this.#finder.link;
    if (session === undefined || link === undefined) return;
    await withTimeout(this.#clock, CLOSE_TIMEOUT_MS, undefined, (signal) =>
      link.connection.request(RpcMethod.CloseSession, [session.id, CLOSE_TIMEOUT_MS], signal),
    ).catch(() => {});
  }
}

function parseStatus(status: unknown): MemberStatus {
  if (typeof status === 'object' && status !== null && 'pid' in status) {
    return status as MemberStatus;
  }
  throw new StateMachineError('ANSWER_INVALID', 'the member answered with no status');
}

function closedError(): StateMachineError {
  return new StateMachineError('CLIENT_CLOSED', 'the client was closed');
}

function abortedError(cause: unknown): StateMachineError {
  return new StateMachineError('ABORTED', 'the request was aborted', { cause });
}
