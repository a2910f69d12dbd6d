import type { HeartbeatResponse } from './message.js';
import { majoritySize } from './quorum/majority.js';
import { confirmReads } from './reads.js';
import { probe } from './replication.js';
import { becomeFollower } from './roles.js';
import type { RaftState } from './state.js';

export function tickLeader(state: RaftState): void {
  state.electionElapsed++;
  state.heartbeatElapsed++;
  if (state.electionElapsed >= state.options.electionTicks) {
    state.electionElapsed = 0;
    if (state.options.checkQuorum && !quorumActive(state)) {
      becomeFollower(state, state.term, 0);
      return;
    }
  }
  if (state.heartbeatElapsed >= state.options.heartbeatTicks) {
    state.heartbeatElapsed = 0;
    for (const progress of state.progress.values()) progress.probeDue = true;
    broadcastHeartbeat(state);
  }
}

/** Whether a majority was heard from since the last check (Raft thesis, 6.2). */
function quorumActive(state: RaftState): boolean {
  let active = 1;
  for (const progress of state.progress.values()) {
    if (progress.active) active++;
    progress.active = false;
  }
  return active >= majoritySize(state.voters.length);
}

function broadcastHeartbeat(state: RaftState): void {
  for (const progress of state.progress.values()) {
    state.send({
      type: 'heartbeat',
      from: state.id,
      to: progress.id,
      term: state.term,
      // It may hold other entries behind what we know to match.
      commit: Math.min(progress.match, state.log.commit),
      round: state.reads.round,
    });
  }
}

/**
 * Begins the next round when reads wait. Not before an entry of this term is committed: until
 * then a new leader doesn't know how far its predecessors had committed (Raft thesis, 6.4).
 */
export function beginReadRound(state: RaftState): void {
  if (state.role !== 'leader' || state.log.commit < state.termStart) return;
  if (state.reads.begin(state.log.commit)) {
    broadcastHeartbeat(state);
    confirmReads(state);
  }
}

export function handleHeartbeatResponse(state: RaftState, response: HeartbeatResponse): void {
  const progress = state.progress.get(response.from);
  if (progress === undefined || response.round > state.reads.round) return;
  progress.active = true;
  if (progress.probeDue) probe(state, progress);
  if (response.round > progress.confirmedRound) {
    progress.confirmedRound = response.round;
    confirmReads(state);
  }
}
