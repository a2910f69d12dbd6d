import { setMaxListeners } from 'node:events';
import { type Clock, Fifo, type RpcFailure, type RpcResponder, type WireValue } from '@raft-ts/net';
import { failure, parseFailure, StateMachineError } from '../../errors.js';
import type { DurableStateMachine } from '../../machine/durable-state-machine.js';
import { admits } from '../admission.js';
import { LazyDeadline } from '../outside/lazy-deadline.js';
import type { OutsideWork } from '../outside/outside-work.js';
import type { ServedMember } from '../served-member.js';
import { readFailure } from './read-failure.js';

/**
 * Queries that the machine works on at once; further ones wait for another turn. Their answers are in
 * memory together, and nothing else happens meanwhile: each may be a listing of 1,000 entries.
 */
const MAX_RUNNING = 64;

interface PendingQuery<Query> {
  readonly query: Query;
  readonly deadlineMs: number;
  /** Of what goes on outside of the log before it is answered. */
  until?: LazyDeadline;
  /** Undefined once the client has its answer. */
  responder: RpcResponder | undefined;
}

export interface QueriesOptions<Query> {
  readonly machine: Pick<DurableStateMachine<unknown, Query>, 'query'>;
  readonly member: ServedMember;
  readonly clock: Pick<Clock, 'monotonicMs' | 'afterInput'>;
  readonly outside?: Pick<OutsideWork<never, Query>, 'ready'> | undefined;
  /** Queries without an answer; further ones are refused. */
  readonly maxPending: number;
}

/** Answers queries: at once, or when the replica says that the applied state is fresh enough. */
export class Queries<Query> {
  readonly #options: QueriesOptions<Query>;
  readonly #pending = new Set<PendingQuery<Query>>();
  /** Of the pending ones: those that may run, in order. */
  readonly #waiting = new Fifo<PendingQuery<Query>>();
  #running = 0;
  #resuming = false;
  readonly #closing = new AbortController();
  /** Given to every query: it says so when the service closes. */
  readonly #signal = this.#closing.signal;
  /** When the latest read began that is answered: what was acknowledged before is applied here. */
  #freshAsOfMs = Number.NEGATIVE_INFINITY;

  constructor(options: QueriesOptions<Query>) {
    this.#options = options;
    // Every query under way may listen; `maxPending` bounds how many those are.
    setMaxListeners(0, this.#signal);
  }

  get size(): number {
    return this.#pending.size;
  }

  /**
   * Answers with all that was acknowledged more than `maxStaleMs` ago: 0 for a linearizable query,
   * Infinity for whatever is applied. The replica batches the reads of a turn.
   */
  ask(query: Query, maxStaleMs: number, deadlineMs: number, responder: RpcResponder): void {
    const { member, maxPending, clock } = this.#options;
    if (!admits(this.#pending.size + 1, maxPending, responder)) return;
    const pending: PendingQuery<Query> = { query, deadlineMs, responder };
    this.#pending.add(pending);
    const nowMs = clock.monotonicMs();
    if (maxStaleMs === Number.POSITIVE_INFINITY || nowMs - this.#freshAsOfMs < maxStaleMs) {
      this.#start(pending);
      return;
    }
    member.replica?.read({
      ready: () => {
        this.#freshAsOfMs = Math.max(this.#freshAsOfMs, nowMs);
        this.#start(pending);
      },
      failed: (error) => this.#fail(pending, readFailure(member, error)),
    });
  }

  /** Answers those whose time is over; a query that the machine works on keeps its place. */
  expire(nowMs: number): void {
    for (const pending of this.#pending) {
      if (pending.deadlineMs > nowMs || pending.responder === undefined) continue;
      const { responder } = pending;
      pending.responder = undefined;
      responder.failed(LATE);
      pending.until?.end(parseFailure(LATE));
    }
  }

  close(): void {
    const told = this.#options.member.stoppedFailure();
    for (const pending of this.#pending) this.#fail(pending, told);
    this.#closing.abort();
  }

  #start(pending: PendingQuery<Query>): void {
    if (this.#running < MAX_RUNNING && this.#waiting.length === 0) this.#run(pending);
    else this.#waiting.push(pending);
  }

  #ended(): void {
    this.#running--;
    this.#resume();
  }

  /** What has arrived meanwhile comes first. */
  #resume(): void {
    if (this.#waiting.length === 0 || this.#resuming) return;
    this.#resuming = true;
    this.#options.clock.afterInput(() => {
      this.#resuming = false;
      while (this.#running < MAX_RUNNING) {
        const next = this.#waiting.shift();
        if (next === undefined) return;
        this.#run(next);
      }
    });
  }

  #run(pending: PendingQuery<Query>): void {
    if (pending.responder === undefined) {
      this.#pending.delete(pending);
      return;
    }
    let answer: Promise<WireValue>;
    try {
      const outside = this.#outside(pending);
      if (outside !== undefined) {
        void this.#getReady(pending, outside);
        return;
      }
      answer = this.#options.machine.query(pending.query, this.#signal);
    } catch (error) {
      this.#fail(pending, this.#failure(error));
      return;
    }
    this.#running++;
    void answer
      .then(
        (result) => this.#answer(pending, result),
        (error: unknown) => this.#fail(pending, this.#failure(error)),
      )
      .finally(() => this.#ended());
  }

  /**
   * Asked where the machine would answer now, and what has to be applied for that is: a query waits for the state that it
   * needs before, and that state only grows. So what the machine says after the wait is as fresh as the query asks, and
   * not older than what the wait was for.
   */
  #outside(pending: PendingQuery<Query>): Promise<WireValue> | undefined {
    const { outside } = this.#options;
    if (outside === undefined) return undefined;
    pending.until ??= new LazyDeadline(pending.deadlineMs);
    return outside.ready(pending.query, pending.until);
  }

  /** Takes no place of those that run; and in another turn, so that what is ready at once never starves the rest. */
  async #getReady(pending: PendingQuery<Query>, outside: Promise<WireValue>): Promise<void> {
    try {
      const answer = await outside;
      if (answer !== undefined) {
        this.#answer(pending, answer);
        return;
      }
    } catch (error) {
      this.#fail(pending, this.#failure(error));
      return;
    }
    if (pending.responder === undefined) {
      this.#pending.delete(pending);
      return;
    }
    this.#waiting.push(pending);
    if (this.#running < MAX_RUNNING) this.#resume();
  }

  #answer(pending: PendingQuery<Query>, result: WireValue): void {
    this.#pending.delete(pending);
    pending.responder?.done(result);
    pending.responder = undefined;
  }

  #fail(pending: PendingQuery<Query>, told: RpcFailure): void {
    this.#pending.delete(pending);
    const { responder } = pending;
    pending.responder = undefined;
    responder?.failed(told);
    pending.until?.end(parseFailure(told));
  }

  #failure(error: unknown): RpcFailure {
    if (!(error instanceof StateMachineError)) {
      return failure('QUERY_FAILED', error instanceof Error ? error.message : String(error));
    }
    // With where the leader is: the client asks there.
    if (error.code === 'NOT_LEADER') return this.#options.member.notLeader();
    return failure(error.code, error.message);
  }
}

const LATE = failure('DEADLINE_EXCEEDED', 'the query was not answered in its time');
