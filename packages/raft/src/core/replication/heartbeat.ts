import { confirmReads } from '../reads/read-index.js';
import type { RaftState } from '../state.js';

export function broadcastHeartbeat(state: RaftState): void {
  state.reads.beginRound();
  sendHeartbeats(state);
}

export function sendHeartbeats(state: RaftState): void {
  for (const progress of state.progress.values()) {
    // It may hold other entries behind what we know to match.
    const commit = Math.min(progress.match, state.log.commit);
    state.send(progress.id, {
      type: 'heartbeat',
      heard: state.log.memberships.hasHeard(progress.id),
      commit,
      commitTerm: state.log.termAt(commit),
      round: state.reads.round,
    });
    progress.commitSent(commit);
  }
  // Alone, it is its own majority.
  confirmReads(state);
}
