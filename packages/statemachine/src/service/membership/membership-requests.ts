import { type Clock, pause, type RpcFailure, type RpcResponder, withTimeout } from '@raft-ts/net';
import { isRaftError, type MemberChange, type MemberId, RaftError } from 'raft-ts';
import { allMembers } from 'raft-ts/core';
import { failure, type StateMachineErrorCode } from '../../errors.js';
import { admits } from '../admission.js';
import type { ServedMember, ServedReplica } from '../served-member.js';
import { encodeMembership, membershipOf } from './cluster-membership.js';
import { isDone } from './member-changes.js';

/** Requests that wait for a change of the membership or of the lead; further ones are refused. */
const MAX_PENDING_REQUESTS = 64;

/** A leader that was just elected has not heard from all members: it looks for so long, milliseconds... */
const HEARING_MS = 1_000;
/** ...so often. */
const LOOK_MS = 50;

/** Codes of a change that the replica refused, by its reason. */
const REFUSALS: Readonly<Record<string, StateMachineErrorCode>> = {
  'change-pending': 'CHANGE_UNDER_WAY',
  joint: 'CHANGE_UNDER_WAY',
  transferring: 'CHANGE_UNDER_WAY',
  'not-caught-up': 'MEMBER_NOT_CAUGHT_UP',
  'majority-at-risk': 'MAJORITY_AT_RISK',
};

/**
 * Answers who asks for the membership, or wants it or the lead changed: only where this member leads. A
 * request says what is to be, so that it does no harm when it comes again.
 */
export class MembershipRequests {
  readonly #member: ServedMember;
  readonly #clock: Clock;
  #pending = 0;

  constructor(member: ServedMember, clock: Clock) {
    this.#member = member;
    this.#clock = clock;
  }

  list(responder: RpcResponder): void {
    const replica = this.#leading(responder);
    if (replica !== undefined) responder.done(encodeMembership(membershipOf(replica.status())));
  }

  change(changes: readonly MemberChange[], deadlineMs: number, responder: RpcResponder): void {
    this.#carryOut(deadlineMs, responder, (replica, signal) =>
      this.#change(replica, changes, signal),
    );
  }

  /** Asks again for a while where what is missing may be only that it has not heard from all yet. */
  async #change(
    replica: ServedReplica,
    changes: readonly MemberChange[],
    signal: AbortSignal,
  ): Promise<RpcFailure | undefined> {
    const endMs = this.#clock.monotonicMs() + HEARING_MS;
    for (;;) {
      try {
        return await change(replica, changes, signal);
      } catch (error) {
        if (!mayBeUnheard(error) || this.#clock.monotonicMs() >= endMs) throw error;
        await pause(this.#clock, LOOK_MS, signal);
        signal.throwIfAborted();
      }
    }
  }

  transfer(target: MemberId, deadlineMs: number, responder: RpcResponder): void {
    this.#carryOut(deadlineMs, responder, async (replica, signal) => {
      if (target !== replica.status().id) await replica.transferLeadership(target, signal);
      return undefined;
    });
  }

  #leading(responder: RpcResponder): ServedReplica | undefined {
    return this.#member.checkLeads(responder) ? this.#member.running : undefined;
  }

  #carryOut(
    deadlineMs: number,
    responder: RpcResponder,
    work: (replica: ServedReplica, signal: AbortSignal) => Promise<RpcFailure | undefined>,
  ): void {
    const replica = this.#leading(responder);
    if (replica === undefined || !admits(this.#pending + 1, MAX_PENDING_REQUESTS, responder))
      return;
    this.#pending++;
    const timeoutMs = Math.max(1, deadlineMs - this.#clock.monotonicMs());
    void withTimeout(this.#clock, timeoutMs, undefined, (signal) => work(replica, signal))
      .catch((error: unknown) => this.#refusal(error))
      .then((refused) => {
        this.#pending--;
        if (refused === undefined) responder.done(null);
        else responder.failed(refused);
      });
  }

  #refusal(error: unknown): RpcFailure {
    const message = error instanceof Error ? error.message : String(error);
    if (isRaftError(error, 'CHANGE_REFUSED') || isRaftError(error, 'TRANSFER_REFUSED')) {
      return failure(REFUSALS[error.details.reason] ?? 'CHANGE_INVALID', message);
    }
    // The next leader has nothing of it: it is to be asked.
    if (isRaftError(error, 'NOT_LEADER') || isRaftError(error, 'CHANGE_LOST')) {
      return this.#member.notLeader();
    }
    if (isRaftError(error, 'TRANSFER_FAILED') && error.details.outcome !== 'elsewhere') {
      return failure('TRANSFER_FAILED', message);
    }
    return failure('OUTCOME_UNKNOWN', message, 'unknown');
  }
}

function mayBeUnheard(error: unknown): boolean {
  if (!isRaftError(error, 'CHANGE_REFUSED')) return false;
  const { reason } = error.details;
  return reason === 'not-caught-up' || reason === 'majority-at-risk';
}

async function change(
  replica: ServedReplica,
  changes: readonly MemberChange[],
  signal: AbortSignal,
): Promise<RpcFailure | undefined> {
  const { membership } = replica;
  const wanted = changes.filter((each) => !isDone(membership, each));
  if (wanted.length === 0) return undefined;
  const stranger = wanted.find(
    ({ type, id }) => type === 'update' && !allMembers(membership.configuration).includes(id),
  );
  if (stranger !== undefined) {
    return failure('CHANGE_INVALID', `there is no member ${stranger.id}: add it`);
  }
  const { id } = replica.status();
  const { voters } = membership.configuration;
  const goes = (voter: MemberId) => wanted.some((each) => each.id === voter && endsVoting(each));
  if (voters.every(goes)) {
    const come = wanted.some(({ type }) => type === 'add-voter');
    if (!come) return failure('CHANGE_INVALID', 'no voter would be left: add another one first');
    // One of those who come takes over, and has this one go.
    const others = wanted.filter((each) => each.id !== id);
    await carryOut(replica, others, signal);
  }
  if (goes(id)) {
    // Who stays takes over and carries it out: no election, and nobody waits for a leader that has gone.
    const leaving = wanted.filter(endsVoting).map((each) => each.id);
    if (await replica.handOver(signal, leaving)) {
      return failure('NOT_LEADER', `member ${id} was to go, and has handed over the lead`);
    }
    if (replica.status().role !== 'leader') return failure('NOT_LEADER', 'the lead was lost');
    const details = { reason: 'majority-at-risk' } as const;
    const message = `member ${id} leads, and no voter that stays and is up to date answers`;
    throw new RaftError('CHANGE_REFUSED', message, { details });
  }
  await carryOut(replica, wanted, signal);
  return undefined;
}

async function carryOut(
  replica: ServedReplica,
  changes: readonly MemberChange[],
  signal: AbortSignal,
): Promise<void> {
  await replica.changeMembership({ changes, transition: 'auto' }, signal);
  // A joint configuration leaves itself.
  const isOver = () => replica.membership.configuration.outgoing.length === 0;
  await replica.until(() => isOver() || undefined, signal);
}

function endsVoting({ type }: MemberChange): boolean {
  return type === 'remove' || type === 'add-learner';
}
