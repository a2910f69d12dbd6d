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
    state.send({
      type: 'heartbeat',
      from: state.id,
      to: progress.id,
      term: state.term,
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
