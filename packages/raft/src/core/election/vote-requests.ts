import { allVoters } from '../membership/configuration.js';
import type { RaftState } from '../state.js';
import { becomeCandidate, becomePreCandidate } from './roles.js';

/**
 * Asks whether this member could win the next term, without entering it (Raft thesis, 9.6): who
 * was cut off and comes back disturbs nobody.
 */
export function askForPreVotes(state: RaftState): void {
  becomePreCandidate(state);
  for (const [to, request] of requests(state)) {
    state.send(to, { ...request, preVote: true, transfer: false }, state.term + 1);
  }
}

/** Enters the next term and asks for votes in it (Raft paper, 5.2). */
export function askForVotes(state: RaftState, transfer: boolean): void {
  becomeCandidate(state);
  // A vote is for this term and this log. If a crash took either back, the member could campaign
  // in the same term again, with less, and win with votes that it got for more.
  for (const [to, request] of requests(state)) {
    state.sendOnceDurable(to, { ...request, preVote: false, transfer });
  }
}

/** What every other voter of either half is told by who asks it. */
function requests(state: RaftState) {
  const { lastIndex, lastTerm, commit, memberships } = state.log;
  const commitTerm = state.log.termAt(commit);
  const log = { type: 'vote', lastIndex, lastTerm, commit, commitTerm } as const;
  return allVoters(state.configuration)
    .filter((to) => to !== state.id)
    .map((to) => [to, { ...log, heard: memberships.hasHeard(to) }] as const);
}
