import { sendHeartbeats } from '../replication/heartbeat.js';
import type { RaftState } from '../state.js';

/**
 * Begins the next round when reads wait. Not before an entry of this term is committed: until
 * then a new leader doesn't know how far its predecessors had committed (Raft thesis, 6.4).
 */
export function beginReadRound(state: RaftState): void {
  if (state.role !== 'leader' || state.log.commit < state.termStart) return;
  if (state.reads.beginWithReads(state.log.commit)) sendHeartbeats(state);
}
