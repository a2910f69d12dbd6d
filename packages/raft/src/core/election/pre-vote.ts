import type { RaftState } from '../state.js';
import { becomePreCandidate } from './roles.js';
import { voteRequests } from './vote-requests.js';

/**
 * Asks whether this member could win the next term, without entering it (Raft thesis, 9.6): who
 * was cut off and comes back disturbs nobody.
 */
export function askForPreVotes(state: RaftState): void {
  becomePreCandidate(state);
  for (const request of voteRequests(state, state.term + 1)) {
    state.send({ ...request, preVote: true, transfer: false });
  }
}
