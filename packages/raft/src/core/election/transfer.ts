import type { Rejected, TransferAccepted, TransferEndedEffect } from '../effects.js';
import type { MemberId } from '../log/entry.js';
import { allMembers, isVoter } from '../membership/configuration.js';
import type { Progress } from '../replication/progress.js';
import type { RaftState } from '../state.js';

/**
 * Hands the lead to another voter (Raft thesis, 3.10): nothing is proposed any more; as soon as it
 * holds everything, it is told to campaign at once. Ends after an election timeout at the latest.
 */
export function transferLeadership(
  state: RaftState,
  target: MemberId,
): TransferAccepted | Rejected {
  if (state.role !== 'leader') return state.rejection('not-leader');
  const progress = state.progress.get(target);
  if (progress === undefined || !isVoter(state.configuration, target)) {
    return state.rejection('invalid-target', whyNot(state, target));
  }
  if (progress.recovery !== 0) {
    return state.rejection('not-caught-up', `member ${target} is being brought up to date`);
  }
  if (state.transfer?.target === target) return { accepted: true, number: state.transfer.number };
  endTransfer(state, 'replaced');
  const number = ++state.transfers;
  state.transfer = { number, target, ticks: 0, givenUp: false };
  urgeTarget(state, progress);
  return { accepted: true, number };
}

function whyNot({ id, configuration }: RaftState, target: MemberId): string {
  if (target === id) return `member ${target} leads already`;
  const isMember = allMembers(configuration).includes(target);
  return isMember ? `member ${target} is a learner` : `there is no member ${target}`;
}

/**
 * The target has answered: it may hold everything now. It is told again with each answer, as the
 * first time may be lost, or come before it has applied that it is a voter.
 */
export function urgeTarget(state: RaftState, progress: Progress): void {
  if (state.transfer?.target !== progress.id || progress.match !== state.log.lastIndex) return;
  sendTimeoutNow(state, progress.id);
}

function sendTimeoutNow(state: RaftState, to: MemberId): void {
  state.send({ type: 'timeout-now', from: state.id, to, term: state.term });
  state.lease.forgo();
}

/** Asks the most advanced voter to take over, without waiting for it. */
export function urgeSuccessor(state: RaftState): void {
  if (!state.options.urgeSuccessor) return;
  const best = furthest(ableVoters(state));
  if (best !== undefined) sendTimeoutNow(state, best.id);
}

/**
 * Leader: whom to hand the lead to, of the other voters that were heard from; undefined for none. One
 * that is meant to lead and keeps up, though another may have come further: it is waited for. None of `without`.
 */
export function successor(
  state: RaftState,
  without: readonly MemberId[] = [],
): Progress | undefined {
  const able = ableVoters(state).filter(({ id }) => !without.includes(id));
  const meant = able.filter(({ priority, state }) => priority > 0 && state === 'replicate');
  return furthest(meant) ?? furthest(able);
}

function ableVoters({ progress, configuration }: RaftState): readonly Progress[] {
  return [...progress.values()].filter(
    ({ id, heardLately, recovery }) => heardLately && recovery === 0 && isVoter(configuration, id),
  );
}

function furthest(voters: readonly Progress[]): Progress | undefined {
  return [...voters].sort((a, b) => b.match - a.match || b.priority - a.priority)[0];
}

/** The configuration has changed: who is no voter can't be handed the lead. */
export function checkTransferTarget(state: RaftState): void {
  const { transfer } = state;
  if (transfer !== undefined && !isVoter(state.configuration, transfer.target)) {
    endTransfer(state, 'replaced');
  }
}

/** This member is about to give up the lead; to whom, a leader's message will tell. */
export function leadGivenUp(state: RaftState): void {
  if (state.transfer === undefined) return;
  state.transfer.givenUp = true;
  state.transfer.ticks = 0;
}

/** A leader has made itself known, possibly this member again. */
export function leaderKnown(state: RaftState, leader: MemberId): void {
  if (state.transfer?.givenUp !== true) return;
  endTransfer(state, leader === state.transfer.target ? 'done' : 'elsewhere');
}

/** A tick has passed: every transfer ends in time. */
export function tickTransfer(state: RaftState): void {
  const { transfer } = state;
  if (transfer === undefined || ++transfer.ticks < state.options.electionTicks) return;
  endTransfer(state, transfer.givenUp ? 'elsewhere' : 'expired');
}

/** Who was to take the lead is gone. */
export function transferTargetEnded(state: RaftState, id: MemberId): void {
  const { transfer } = state;
  if (transfer?.target === id && !transfer.givenUp) endTransfer(state, 'expired');
}

function endTransfer(state: RaftState, outcome: TransferEndedEffect['outcome']): void {
  if (state.transfer === undefined) return;
  const { number, target } = state.transfer;
  state.transfer = undefined;
  if (outcome === 'done') state.handOvers = 0;
  state.notices.push({ type: 'transfer-ended', number, target, outcome });
}
