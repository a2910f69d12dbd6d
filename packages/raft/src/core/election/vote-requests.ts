import { allVoters } from '../membership/configuration.js';
import type { VoteRequest } from '../message.js';
import type { RaftState } from '../state.js';

/** What every other voter of either half is asked in `term`. */
export function voteRequests(
  state: RaftState,
  term: number,
): readonly Omit<VoteRequest, 'preVote' | 'transfer'>[] {
  const { id: from, log } = state;
  const { lastIndex, lastTerm, commit } = log;
  const commitTerm = log.termAt(commit);
  return allVoters(state.configuration)
    .filter((to) => to !== from)
    .map((to) => ({
      type: 'vote',
      from,
      to,
      term,
      heard: log.memberships.hasHeard(to),
      lastIndex,
      lastTerm,
      commit,
      commitTerm,
    }));
}
