import { setMaxListeners } from 'node:events';
import { type Clock, Fifo, type RpcFailure, type RpcResponder, type WireValue } from '@raft-ts/net';
import { RaftError } from 'raft-ts';
import { failure, StateMachineError } from '../../errors.js';
import type { DurableStateMachine } from '../../machine/durable-state-machine.js';
import { admits } from '../admission.js';
import type { ServedMember } from '../served-member.js';

/**
 * Queries that the machine works on at once; further ones wait for another turn. Their answers are in
 * memory together, and nothing else happens meanwhile: each may be a listing of 1,000 entries.
 */
const MAX_RUNNING = 64;

interface PendingQuery<Query> {
  readonly query: Query;
  readonly deadlineMs: number;
  /** Undefined once the client has its answer. */
  responder: RpcResponder | undefined;
}

export interface QueriesOptions<Query> {
  readonly machine: Pick<DurableStateMachine<unknown, Query>, 'query'>;
  readonly member: ServedMember;
  readonly clock: Pick<Clock, 'monotonicMs' | 'afterInput'>;
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
      failed: (error) => this.#fail(pending, this.#readFailure(error)),
    });
  }

  /** Answers those whose time is over; a query that the machine works on keeps its place. */
  expire(nowMs: number): void {
    for (const pending of this.#pending) {
      if (pending.deadlineMs > nowMs || pending.responder === undefined) continue;
      const { responder } = pending;
      pending.responder = undefined;
      responder.failed(failure('DEADLINE_EXCEEDED', 'the query was not answered in its time'));
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

  /** What has arrived meanwhile comes first. */
  #ended(): void {
    this.#running--;
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
      answer = this.#options.machine.query(pending.query, this.#signal);
    } catch (error) {
      this.#fail(pending, queryFailure(error));
      return;
    }
    this.#running++;
    void answer
      .then(
        (result) => {
          this.#pending.delete(pending);
          pending.responder?.done(result);
          pending.responder = undefined;
        },
        (error: unknown) => this.#fail(pending, queryFailure(error)),
      )
      .finally(() => this.#ended());
  }

  #fail(pending: PendingQuery<Query>, told: RpcFailure): void {
    this.#pending.delete(pending);
    const { responder } = pending;
    pending.responder = undefined;
    responder?.failed(told);
  }

  /** What a client is told when nobody could say how fresh the state has to be. */
  #readFailure(error: Error): RpcFailure {
    if (!(error instanceof RaftError)) return failure('UNAVAILABLE', String(error));
    switch (error.code) {
      case 'NOT_LEADER':
      case 'LEADERSHIP_LOST':
        return this.#options.member.notLeader();
      case 'READS_OVERLOADED':
        return failure('OVERLOADED', error.message);
      default:
        return failure('STOPPED', error.message);
    }
  }
}

function queryFailure(error: unknown): RpcFailure {
  if (error instanceof StateMachineError) return failure(error.code, error.message);
  return failure('QUERY_FAILED', error instanceof Error ? error.message : String(error));
}
