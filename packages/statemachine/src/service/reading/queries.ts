import { setMaxListeners } from 'node:events';
import type { RpcFailure, RpcResponder, WireValue } from '@raft-ts/net';
import { failure, StateMachineError } from '../../errors.js';
import type { DurableStateMachine } from '../../machine/durable-state-machine.js';

interface PendingQuery<Query> {
  readonly query: Query;
  /** Undefined once the client has its answer. */
  responder: RpcResponder | undefined;
  readonly deadlineMs: number;
}

/** Queries that share one round of confirming the lead. */
interface Round<Query> {
  readonly confirmed: Promise<void>;
  readonly queries: PendingQuery<Query>[];
}

type Machine<Query> = Pick<DurableStateMachine<unknown, Query>, 'query'>;

/** Queries under way. */
export class Queries<Query> {
  readonly #machine: Machine<Query>;
  readonly #maxPending: number;
  /** What a client is told when the member could not confirm that it leads. */
  readonly #readFailure: (error: unknown) => RpcFailure;
  readonly #pending = new Set<PendingQuery<Query>>();
  readonly #closing = new AbortController();
  /** Given to every query: it says so when the service closes. */
  readonly #signal = this.#closing.signal;
  #round: Round<Query> | undefined;

  constructor(
    machine: Machine<Query>,
    maxPending: number,
    readFailure: (error: unknown) => RpcFailure,
  ) {
    this.#machine = machine;
    this.#maxPending = maxPending;
    this.#readFailure = readFailure;
    // Every query under way may listen; `maxPending` bounds how many those are.
    setMaxListeners(0, this.#signal);
  }

  get size(): number {
    return this.#pending.size;
  }

  /** Answers from what has been applied, whatever that is. */
  local(query: Query, deadlineMs: number, responder: RpcResponder): void {
    const pending = this.#admit(query, deadlineMs, responder);
    if (pending !== undefined) this.#run(pending);
  }

  /**
   * Answers once the lead is confirmed. `readIndex` gives the same promise to all calls that may
   * share a round; they share its outcome here without a promise each.
   */
  linearizable(
    query: Query,
    deadlineMs: number,
    responder: RpcResponder,
    readIndex: () => Promise<void>,
  ): void {
    const pending = this.#admit(query, deadlineMs, responder);
    if (pending === undefined) return;
    let confirmed: Promise<void>;
    try {
      confirmed = readIndex();
    } catch (error) {
      this.#fail(pending, this.#readFailure(error));
      return;
    }
    if (this.#round?.confirmed === confirmed) {
      this.#round.queries.push(pending);
      return;
    }
    const round: Round<Query> = { confirmed, queries: [pending] };
    this.#round = round;
    confirmed.then(
      () => {
        for (const one of round.queries) this.#run(one);
      },
      (error: unknown) => {
        const told = this.#readFailure(error);
        for (const one of round.queries) this.#fail(one, told);
      },
    );
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

  close(told: RpcFailure): void {
    for (const pending of this.#pending) this.#fail(pending, told);
    this.#closing.abort();
  }

  #admit(
    query: Query,
    deadlineMs: number,
    responder: RpcResponder,
  ): PendingQuery<Query> | undefined {
    if (this.#pending.size >= this.#maxPending) {
      responder.failed(failure('OVERLOADED', 'too many queries wait; try again later'));
      return undefined;
    }
    const pending = { query, responder, deadlineMs };
    this.#pending.add(pending);
    return pending;
  }

  #run(pending: PendingQuery<Query>): void {
    if (pending.responder === undefined) {
      this.#pending.delete(pending);
      return;
    }
    let answer: Promise<WireValue>;
    try {
      answer = this.#machine.query(pending.query, this.#signal);
    } catch (error) {
      this.#fail(pending, queryFailure(error));
      return;
    }
    answer.then(
      (result) => {
        this.#pending.delete(pending);
        pending.responder?.done(result);
        pending.responder = undefined;
      },
      (error: unknown) => this.#fail(pending, queryFailure(error)),
    );
  }

  #fail(pending: PendingQuery<Query>, told: RpcFailure): void {
    this.#pending.delete(pending);
    const { responder } = pending;
    pending.responder = undefined;
    responder?.failed(told);
  }
}

function queryFailure(error: unknown): RpcFailure {
  if (error instanceof StateMachineError) return failure(error.code, error.message);
  return failure('QUERY_FAILED', error instanceof Error ? error.message : String(error));
}
