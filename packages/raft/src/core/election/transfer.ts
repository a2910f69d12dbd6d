import type { Rejected, TransferAccepted, TransferEndedEffect } from '../effects.js';
import type { MemberId } from '../log/entry.js';
import { isVoter } from '../membership/configuration.js';
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
    return state.rejection('invalid-target', `member ${target} is no other voter`);
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
  const best = successor(state);
  if (best !== undefined) sendTimeoutNow(state, best.id);
}

/** Leader: the other voter that has come furthest, of those heard from; undefined for none. */
export function successor(state: RaftState): Progress | undefined {
  let best: Progress | undefined;
  for (const progress of state.progress.values()) {
    const able = progress.heardLately && progress.recovery === 0;
    if (!able || !isVoter(state.configuration, progress.id)) continue;
    const { match, priority } = progress;
    const further = best === undefined ? 1 : match - best.match || priority - best.priority;
    if (further > 0) best = progress;
  }
  return best;
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
  state.notices.push({ type: 'transfer-ended', number, target, outcome });
}
