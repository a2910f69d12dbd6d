import { confirmReads } from '../reads/read-index.js';
import type { RaftState } from '../state.js';
import { heldByAll } from './held-by-all.js';
import type { Progress } from './progress.js';

export function broadcastHeartbeat(state: RaftState): void {
  state.reads.beginRound();
  sendHeartbeats(state);
}

export function sendHeartbeats(state: RaftState): void {
  const held = heldByAll(state);
  for (const progress of state.progress.values()) {
    const commit = commitKnownAt(state, progress);
    state.send({
      type: 'heartbeat',
      from: state.id,
      to: progress.id,
      term: state.term,
      heard: state.log.memberships.hasHeard(progress.id),
      commit,
      commitTerm: state.log.termAt(commit),
      round: state.reads.round,
      heldByAll: held,
    });
    progress.commitSent(Math.min(progress.match, commit));
  }
  // Alone, it is its own majority.
  confirmReads(state);
}

/**
 * It may hold other entries behind what we know to match. Who is being brought up to date, and does not
 * know it, is an older copy of itself: it lacks the entry that it has to hold in the end, and so finds
 * out. Otherwise its answers would be taken for those from before the loss, for ever.
 */
function commitKnownAt({ log }: RaftState, progress: Progress): number {
  const { recovery, recoveryIndex, match } = progress;
  if (recovery !== 0 && recoveryIndex <= log.commit) return recoveryIndex;
  return Math.min(match, log.commit);
}
