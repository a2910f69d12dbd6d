import type { RpcResponder } from '@raft-ts/net';
import type { MemberView, ServedMember } from '../served-member.js';

interface Waiter {
  readonly aboveTerm: number;
  readonly deadlineMs: number;
  readonly responder: RpcResponder;
}

/** Answers clients that look for the leader; those that nobody can answer yet wait. */
export class LeaderWaiters {
  readonly #waiters = new Set<Waiter>();
  readonly #member: Pick<ServedMember, 'address' | 'addresses'>;
  readonly #maxWaiters: number;

  constructor(member: Pick<ServedMember, 'address' | 'addresses'>, maxWaiters: number) {
    this.#member = member;
    this.#maxWaiters = maxWaiters;
  }

  get size(): number {
    return this.#waiters.size;
  }

  /** Takes in a request; `view` is undefined when this member takes no part. */
  ask(waiter: Waiter, view: MemberView | undefined, nowMs: number): void {
    const wait = waiter.deadlineMs > nowMs && this.#waiters.size < this.#maxWaiters;
    if (wait && view !== undefined && !knows(view, waiter.aboveTerm)) this.#waiters.add(waiter);
    else this.#answer(waiter, view);
  }

  /** Answers those who can be answered now. */
  changed(view: MemberView): void {
    for (const waiter of this.#waiters) {
      if (knows(view, waiter.aboveTerm)) this.#answer(waiter, view);
    }
  }

  expire(nowMs: number, view: MemberView | undefined): void {
    for (const waiter of this.#waiters) {
      if (waiter.deadlineMs <= nowMs) this.#answer(waiter, view);
    }
  }

  /** Answers all, whatever is known. */
  answerAll(): void {
    for (const waiter of this.#waiters) this.#answer(waiter, undefined);
  }

  #answer(waiter: Waiter, view: MemberView | undefined): void {
    this.#waiters.delete(waiter);
    if (view === undefined) {
      waiter.responder.done([false, 0, 0, null]);
      return;
    }
    const leads = view.role === 'leader';
    const address = this.#member.address(view.leader) ?? null;
    const answer = [leads, view.term, view.leader, address];
    waiter.responder.done(leads ? [...answer, [...this.#member.addresses.values()]] : answer);
  }
}

function knows(view: MemberView, aboveTerm: number): boolean {
  return view.role === 'leader' || (view.leader !== 0 && view.term > aboveTerm);
}
