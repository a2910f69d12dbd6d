import { followLeader } from '../election/follow-leader.js';
import type { AppendRequest } from '../message.js';
import { noticeLoss } from '../recovery/recovery.js';
import type { RaftState } from '../state.js';
import { acknowledge, refuse } from './acknowledge.js';

/** AppendEntries, receiver's side (Raft paper, figure 2). */
export function handleAppend(state: RaftState, request: AppendRequest): void {
  followLeader(state, request);
  noticeLoss(state, request);
  const { log } = state;
  // With a newer log than the others' it would elect nobody, and without its state it can't lead.
  if (log.lacksState) return;
  if (request.prevIndex < log.commit) {
    // Late or repeated: everything committed matches the leader's log anyway.
    acknowledge(state, log.commit);
    return;
  }
  if (!log.matches(request.prevIndex, request.prevTerm)) {
    const hintIndex = log.lastIndexWithTermAtMost(request.prevIndex, request.prevTerm);
    refuse(state, request.from, request.prevIndex, hintIndex);
    return;
  }
  log.merge(request.entries);
  const lastNew = request.prevIndex + request.entries.length;
  // Only up to what this message is known to match: behind it may stand old entries of others.
  log.commitTo(Math.min(request.commit, lastNew));
  acknowledge(state, lastNew);
}
