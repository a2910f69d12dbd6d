import type { RpcFailure, RpcResponder } from '@raft-ts/net';
import { RaftError } from 'raft-ts';
import type { EntryContent, EntryItem, EntryTimes } from '../../entries/entry-codec.js';
import { encodeEntry } from '../../entries/entry-codec.js';
import { failure } from '../../errors.js';
import type { ServedReplica } from '../member-view.js';
import type { ServiceLimits } from '../service-options.js';
import { ItemQueue } from './item-queue.js';
import type { PendingItem } from './pending-item.js';
import { type Proposal, Proposals } from './proposals.js';

export interface ProposerOptions<Command> {
  readonly limits: ServiceLimits;
  /** The times that the next entry gets. */
  readonly entryTimes: () => EntryTimes;
  /** Called with what is about to be proposed, before it can come back. */
  readonly proposing: (payload: Uint8Array, content: EntryContent<Command>) => void;
  /** What to say when this member does not lead. */
  readonly notLeader: (error?: RaftError) => RpcFailure;
}

/**
 * Groups requests into log entries, and keeps those that wait for an outcome. While a few entries
 * are uncommitted, further requests gather: the busier the member, the larger the entries.
 */
export class Proposer<Command> {
  readonly #options: ProposerOptions<Command>;
  readonly #queue = new ItemQueue<Command>();
  readonly #proposals = new Proposals<Command>();

  constructor(options: ProposerOptions<Command>) {
    this.#options = options;
  }

  /** Requests without an outcome. */
  get pendingItems(): number {
    return this.#queue.length + this.#proposals.items;
  }

  get pendingBytes(): number {
    return this.#queue.bytes + this.#proposals.bytes;
  }

  /** Whether some could be proposed. */
  get hasWaiting(): boolean {
    return this.#queue.length > 0;
  }

  /** Answers OVERLOADED when there are too many already; returns whether it was taken in. */
  submit(
    item: EntryItem<Command>,
    encoded: Uint8Array,
    deadlineMs: number,
    responder: RpcResponder,
  ): boolean {
    const { maxPendingItems, maxPendingBytes } = this.#options.limits;
    if (
      this.pendingItems >= maxPendingItems ||
      this.pendingBytes + encoded.byteLength > maxPendingBytes
    ) {
      responder.failed(failure('OVERLOADED', 'too many requests wait; try again later'));
      return false;
    }
    this.#queue.push({ item, encoded, responder, deadlineMs });
    return true;
  }

  /** What the member itself wants in the log; nobody waits for its answer. */
  submitOwn(item: EntryItem<Command>, encoded: Uint8Array): void {
    const deadlineMs = Number.POSITIVE_INFINITY;
    this.#queue.push({ item, encoded, responder: undefined, deadlineMs });
  }

  /** Proposes what waits, as far as the pipeline has room. */
  flush(replica: ServedReplica): void {
    const { maxEntryItems, maxEntryBytes, pipelineDepth } = this.#options.limits;
    while (this.#queue.length > 0 && replica.uncommittedEntries < pipelineDepth) {
      const items = this.#queue.peek(maxEntryItems, maxEntryBytes);
      if (!this.#propose(replica, items)) return;
    }
  }

  /** Takes out what was proposed at this index; undefined when nothing was. */
  take(index: number): Proposal<Command> | undefined {
    return this.#proposals.take(index);
  }

  /** The lead of terms before `term` is lost: nobody knows what becomes of their proposals. */
  abandonBefore(term: number): void {
    for (const proposal of this.#proposals.takeBefore(term)) {
      answerAll(proposal.items, outcomeUnknown());
    }
  }

  /** What waits was never proposed. */
  refuseWaiting(told: RpcFailure): void {
    answerAll(this.#queue.drain(), told);
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

  /** Returns false when nothing more can be proposed now. */
  #propose(replica: ServedReplica, items: readonly PendingItem<Command>[]): boolean {
    const times = this.#options.entryTimes();
    const payload = encodeEntry(
      times,
      items.map((item) => item.encoded),
    );
    this.#options.proposing(payload, { ...times, items: items.map((item) => item.item) });
    let accepted: { readonly index: number; readonly term: number };
    try {
      accepted = replica.propose(payload);
    } catch (error) {
      return this.#notProposed(items, error);
    }
    this.#queue.remove(items);
    const replaced = this.#proposals.add({ ...accepted, items, bytes: payload.byteLength });
    // Where it was sent to, it may still be committed.
    if (replaced !== undefined) answerAll(replaced.items, outcomeUnknown());
    return true;
  }

  #notProposed(items: readonly PendingItem<Command>[], error: unknown): boolean {
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
        this.refuseWaiting(this.#options.notLeader(error));
        return false;
      default:
        this.refuseWaiting(failure('STOPPED', error.message));
        return false;
    }
  }
}

/** Answers items once; those answered before are left alone. */
export function answerAll(items: readonly PendingItem<unknown>[], told: RpcFailure): void {
  for (const item of items) {
    const { responder } = item;
    item.responder = undefined;
    responder?.failed(told);
  }
}

function outcomeUnknown(): RpcFailure {
  return failure(
    'OUTCOME_UNKNOWN',
    'this member lost the lead after it had proposed the request; send it again with the same sequence',
    'unknown',
  );
}
