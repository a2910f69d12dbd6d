import type { Accepted, Rejected } from './effects.js';
import { majorityIndex } from './quorum/majority.js';
import type { RaftState } from './state.js';

/** Takes in a read; its context comes back with a read-ready or a read-failed effect. */
export function requestRead(
  state: RaftState,
  context: number,
): Pick<Accepted, 'accepted'> | Rejected {
  if (state.role !== 'leader') return state.rejection('not-leader');
  if (state.reads.pending >= state.options.maxPendingReads) return state.rejection('overloaded');
  state.reads.add(context);
  return { accepted: true };
}

/** Hands out the reads of the round that a majority has confirmed. */
export function confirmReads(state: RaftState): void {
  const round = majorityIndex(state.voters, (id) =>
    id === state.id ? Number.POSITIVE_INFINITY : (state.progress.get(id)?.confirmedRound ?? 0),
  );
  const confirmed = state.reads.confirm(round);
  if (confirmed !== undefined) state.readyReads.push(confirmed);
}

/** The lead is gone, or about to be: nobody can confirm these reads any more. */
export function abandonReads(state: RaftState): void {
  state.failedReads.push(...state.reads.abandon());
}
