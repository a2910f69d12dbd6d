import { allVoters } from '../membership/configuration.js';
import type { RaftState } from '../state.js';
import { becomeCandidate, becomePreCandidate } from './roles.js';

/**
 * Asks whether this member could win the next term, without entering it (Raft thesis, 9.6): who
 * was cut off and comes back disturbs nobody.
 */
export function askForPreVotes(state: RaftState): void {
  becomePreCandidate(state);
  for (const request of requests(state, state.term + 1)) {
    state.send({ ...request, preVote: true, transfer: false });
  }
}

/** Enters the next term and asks for votes in it (Raft paper, 5.2). */
export function askForVotes(state: RaftState, transfer: boolean): void {
  becomeCandidate(state);
  // A vote is for this term and this log. If a crash took either back, the member could campaign
  // in the same term again, with less, and win with votes that it got for more.
  for (const request of requests(state, state.term)) {
    state.sendOnceDurable({ ...request, preVote: false, transfer });
  }
}

/** What every other voter of either half is asked in `term`. */
function requests(state: RaftState, term: number) {
  const { lastIndex, lastTerm, commit, memberships } = state.log;
  const commitTerm = state.log.termAt(commit);
  const request = { from: state.id, term, lastIndex, lastTerm, commit, commitTerm };
  return allVoters(state.configuration)
    .filter((to) => to !== state.id)
    .map((to) => ({ ...request, type: 'vote' as const, to, heard: memberships.hasHeard(to) }));
}
