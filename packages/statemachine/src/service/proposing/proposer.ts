import type { Clock, RpcFailure, RpcResponder } from '@raft-ts/net';
import { type Entry, RaftError } from 'raft-ts';
import { type EntryTimes, encodeEntry } from '../../entries/entry-codec.js';
import { failure } from '../../errors.js';
import { SessionRefusal } from '../../sessions/session-table.js';
import { admits } from '../admission.js';
import type { Answers } from '../applying/applying.js';
import type { ServedMember, ServedReplica } from '../served-member.js';
import type { ServiceLimits } from '../service-options.js';
import { ItemQueue } from './item-queue.js';
import type { PendingItem } from './pending-item.js';
import { Proposals } from './proposals.js';

export interface ProposerOptions {
  readonly limits: ServiceLimits;
  readonly clock: Clock;
  readonly member: ServedMember;
  /** The times that the next entry gets. */
  readonly entryTimes: () => EntryTimes;
}

/**
 * Groups requests into log entries, and keeps those that wait for an outcome: each gets one
 * answer, whatever ends it. While a few entries are uncommitted, further requests gather: the
 * busier the member, the larger the entries.
 */
export class Proposer {
  readonly #options: ProposerOptions;
  readonly #queue = new ItemQueue();
  readonly #proposals = new Proposals();
  /** Held elsewhere, on their way here or back. */
  readonly #held = { items: 0, bytes: 0 };
  #cancelFlush: (() => void) | undefined;

  constructor(options: ProposerOptions) {
    this.#options = options;
  }

  /** Requests without an outcome. */
  get pendingItems(): number {
    return this.#queue.length + this.#proposals.items + this.#held.items;
  }

  /** Takes in a request, unless there are too many already. */
  submit(encoded: Uint8Array, deadlineMs: number, responder: RpcResponder): void {
    if (this.admits(encoded.byteLength, responder)) this.enqueue(encoded, deadlineMs, responder);
  }

  /** Whether there is room for one more request; otherwise the client is told. */
  admits(bytes: number, responder: RpcResponder): boolean {
    const { maxPendingItems, maxPendingBytes } = this.#options.limits;
    const pending = this.#queue.bytes + this.#proposals.bytes + this.#held.bytes;
    return (
      admits(this.pendingItems + 1, maxPendingItems, responder) &&
      admits(pending + bytes, maxPendingBytes, responder)
    );
  }

  /** Counts requests, and their bytes, that are held elsewhere; below 0: no longer. */
  hold(items: number, bytes: number): void {
    this.#held.items += items;
    this.#held.bytes += bytes;
  }

  /** Takes in a request that was admitted. */
  enqueue(encoded: Uint8Array, deadlineMs: number, responder: RpcResponder): void {
    this.#queue.push({ encoded, responder, deadlineMs });
    this.#scheduleFlush();
  }

  /** Answers those who wait for this entry, which was applied. */
  applied(entry: Entry, answers: Answers): void {
    const proposal = this.#proposals.take(entry.index);
    if (proposal !== undefined) {
      // Where another leader's entry stands in its place, it never takes effect.
      if (proposal.term !== entry.term) answerAll(proposal.items, this.#options.member.notLeader());
      else for (const [i, item] of proposal.items.entries()) answer(item, answers[i]);
    }
    if (this.#queue.length > 0) this.#scheduleFlush();
  }

  /** The lead of terms before `term` is lost: nobody knows what becomes of their proposals. */
  abandonBefore(term: number): void {
    for (const proposal of this.#proposals.takeBefore(term)) {
      answerAll(proposal.items, this.#options.member.outcomeUnknown());
    }
  }

  /** What waits was never proposed. */
  refuseWaiting(told: RpcFailure): void {
    answerAll(this.#queue.drain(), told);
  }

  /** This member has stopped. */
  close(): void {
    this.#cancelFlush?.();
    this.abandonBefore(Number.POSITIVE_INFINITY);
    this.refuseWaiting(this.#options.member.stoppedFailure());
  }

  expire(nowMs: number): void {
    answerAll(
      this.#queue.takeExpired(nowMs),
      failure('DEADLINE_EXCEEDED', 'the request was not proposed in its time; nothing was done'),
    );
    answerAll(
      this.#proposals.expired(nowMs),
      failure(
        'OUTCOME_UNKNOWN',
        'the request was proposed, but not decided in its time',
        'unknown',
      ),
    );
  }

  /** Requests that arrive together are proposed together. */
  #scheduleFlush(): void {
    this.#cancelFlush ??= this.#options.clock.afterInput(() => {
      this.#cancelFlush = undefined;
      const replica = this.#options.member.running;
      if (replica !== undefined) this.#flush(replica);
    });
  }

  /** Proposes what waits, as far as the pipeline has room. */
  #flush(replica: ServedReplica): void {
    const { maxEntryItems, maxEntryBytes, pipelineDepth } = this.#options.limits;
    while (this.#queue.length > 0 && replica.uncommittedEntries < pipelineDepth) {
      const items = this.#queue.peek(maxEntryItems, maxEntryBytes);
      if (!this.#propose(replica, items)) return;
    }
  }

  /** Returns false when nothing more can be proposed now. */
  #propose(replica: ServedReplica, items: readonly PendingItem[]): boolean {
    const payload = encodeEntry(
      this.#options.entryTimes(),
      items.map((item) => item.encoded),
    );
    let accepted: { readonly index: number; readonly term: number };
    try {
      accepted = replica.propose(payload);
    } catch (error) {
      return this.#notProposed(items, error);
    }
    this.#queue.remove(items);
    const replaced = this.#proposals.add({ ...accepted, items, bytes: payload.byteLength });
    // Where it was sent to, it may still be committed.
    if (replaced !== undefined) answerAll(replaced.items, this.#options.member.outcomeUnknown());
    return true;
  }

  #notProposed(items: readonly PendingItem[], error: unknown): boolean {
    if (!(error instanceof RaftError)) {
      // A broken invariant: the replica stops by itself, and what it was given goes nowhere.
      this.refuseWaiting(failure('STOPPED', error instanceof Error ? error.message : `${error}`));
      return false;
    }
    switch (error.code) {
      case 'PROPOSALS_OVERLOADED':
        // They wait for the next apply, or their deadline.
        return false;
      case 'PROPOSAL_TOO_LARGE':
        this.#queue.remove(items);
        answerAll(items, failure('COMMAND_TOO_LARGE', error.message));
        return true;
      case 'NOT_LEADER':
        this.refuseWaiting(this.#options.member.notLeader());
        return false;
      default:
        this.refuseWaiting(failure('STOPPED', error.message));
        return false;
    }
  }
}

function answer(item: PendingItem, result: Answers[number]): void {
  const { responder } = item;
  item.responder = undefined;
  if (result instanceof SessionRefusal) responder?.failed(failure(result.code, result.message));
  else responder?.done(result);
}

/** Answers items once; those answered before are left alone. */
function answerAll(items: readonly PendingItem[], told: RpcFailure): void {
  for (const item of items) {
    const { responder } = item;
    item.responder = undefined;
    responder?.failed(told);
  }
}
