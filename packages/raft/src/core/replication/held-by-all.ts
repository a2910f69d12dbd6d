import { allMembers } from '../membership/configuration.js';
import type { Membership } from '../membership/membership.js';
import { snapshotPeers } from '../snapshot/snapshot-peers.js';
import type { RaftState } from '../state.js';
import type { Progress } from './progress.js';

/**
 * Nobody needs the entries up to here of another member: every one that takes part, or is to be brought up
 * to date, holds them durably, as a leader knows by what they acknowledged, and others by its last word. 0
 * where nobody knows: after a start, while a change of the membership is under way, and when it has taken effect.
 */
export function heldByAll(state: RaftState): number {
  if (state.role !== 'leader') return state.toldHeldByAll;
  // Others may have applied it before this member, and think of a newcomer already.
  if (state.pendingChangeIndex > state.log.applied) return 0;
  const canFetch = statesAreFetched(state.membership);
  let index = state.log.durable;
  for (const progress of state.progress.values()) {
    index = Math.min(index, canFetch ? neededBehind(progress) : progress.match);
  }
  return index;
}

/** Every member gives its state over HTTP, and takes others'. */
export function statesAreFetched(membership: Membership): boolean {
  return snapshotPeers(membership).length === allMembers(membership.configuration).length;
}

/**
 * Of one that can fetch a state: while it does, it needs what comes behind that, or it would have to begin anew.
 * Who is silent gets a state when it is back.
 */
function neededBehind({ silent, match, pendingSnapshot }: Progress): number {
  return silent ? Number.POSITIVE_INFINITY : Math.max(match, pendingSnapshot);
}
