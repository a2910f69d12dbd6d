import { followLeader } from '../election/follow-leader.js';
import { EntryType } from '../log/entry.js';
import type { AppendRequest } from '../message.js';
import { compareCommitted } from '../recovery/contradiction.js';
import { noticeLoss } from '../recovery/recovery.js';
import type { RaftState } from '../state.js';
import { acknowledge, refuse } from './acknowledge.js';

/** AppendEntries, receiver's side (Raft paper, figure 2). */
export function handleAppend(state: RaftState, request: AppendRequest): void {
  followLeader(state, request);
  noticeLoss(state, request);
  compareWithCommitted(state, request);
  const { log } = state;
  // With a newer log than the others' it would elect nobody, and without its state it can't lead.
  if (log.lacksState) return;
  if (lacksFounders(state, request)) {
    refuse(state, request.from, 0, 0);
    return;
  }
  if (request.prevIndex < log.commit) {
    // Late or repeated: what is committed here is in the leader's log.
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

function compareWithCommitted(state: RaftState, request: AppendRequest): void {
  const { from, prevIndex, prevTerm, entries } = request;
  compareCommitted(state, from, prevIndex, prevTerm);
  if (prevIndex >= state.log.commit) return;
  for (const { index, term } of entries) compareCommitted(state, from, index, term);
}

/**
 * Who founded the cluster does not stand in its first entry, but in front of it, where members were
 * founded with it: then it comes with a state alone.
 */
function lacksFounders({ log, configuration }: RaftState, { entries }: AppendRequest): boolean {
  const first = entries[0];
  if (first?.index !== 1 || first.type === EntryType.Membership) return false;
  return log.lastIndex === 0 && configuration.voters.length === 0;
}
