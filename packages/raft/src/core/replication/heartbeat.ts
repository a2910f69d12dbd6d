import { diskStalled } from '../election/election.js';
import { becomeFollower } from '../election/roles.js';
import { urgeSuccessor, urgeTarget } from '../election/transfer.js';
import type { HeartbeatResponse } from '../message.js';
import { jointIndex } from '../quorum/joint.js';
import { confirmReads } from '../reads/reads.js';
import { endRecovery, usableUnder } from '../recovery/recovery.js';
import { repeatOffer } from '../snapshot/offer-snapshot.js';
import type { RaftState } from '../state.js';
import { probe } from './replication.js';

export function tickLeader(state: RaftState): void {
  state.electionElapsed++;
  state.heartbeatElapsed++;
  if (diskStalled(state, state.options.maxWriteTicks)) {
    // The others go on committing without this disk, but nothing is applied or answered here.
    urgeSuccessor(state);
    becomeFollower(state, state.term, 0);
    return;
  }
  if (state.electionElapsed >= state.options.electionTicks) {
    state.electionElapsed = 0;
    if (state.options.checkQuorum && !quorumActive(state)) {
      becomeFollower(state, state.term, 0);
      return;
    }
    for (const progress of state.progress.values()) progress.active = false;
  }
  if (state.heartbeatElapsed >= state.options.heartbeatTicks) {
    state.heartbeatElapsed = 0;
    for (const progress of state.progress.values()) progress.probeDue = true;
    broadcastHeartbeat(state);
  }
}

/** Whether a majority was heard from since the last check (Raft thesis, 6.2). */
function quorumActive(state: RaftState): boolean {
  const heard = (id: number) => {
    const progress = state.progress.get(id);
    return progress?.active === true && progress.recovery === 0;
  };
  const index = jointIndex(state.configuration, (id) => (id === state.id || heard(id) ? 1 : 0));
  return index >= 1;
}

function broadcastHeartbeat(state: RaftState): void {
  state.reads.beginRound();
  sendHeartbeats(state);
}

function sendHeartbeats(state: RaftState): void {
  for (const progress of state.progress.values()) {
    // It may hold other entries behind what we know to match.
    const commit = Math.min(progress.match, state.log.commit);
    state.send({
      type: 'heartbeat',
      from: state.id,
      to: progress.id,
      term: state.term,
      commit,
      commitTerm: state.log.termAt(commit),
      round: state.reads.round,
    });
    progress.commitSent(commit);
  }
  // Alone, it is its own majority.
  confirmReads(state);
}

/**
 * Begins the next round when reads wait. Not before an entry of this term is committed: until
 * then a new leader doesn't know how far its predecessors had committed (Raft thesis, 6.4).
 */
export function beginReadRound(state: RaftState): void {
  if (state.role !== 'leader' || state.log.commit < state.termStart) return;
  if (state.reads.beginWithReads(state.log.commit)) sendHeartbeats(state);
}

export function handleHeartbeatResponse(state: RaftState, response: HeartbeatResponse): void {
  const progress = state.progress.get(response.from);
  if (progress === undefined || response.round > state.reads.round) return;
  if (!usableUnder(state, progress, response.recovery)) return;
  progress.active = true;
  if (progress.probeDue) probe(state, progress);
  repeatOffer(state, progress);
  urgeTarget(state, progress);
  endRecovery(state, progress);
  // A member that has lost its vote may have helped to elect another leader.
  if (progress.recovery !== 0 || response.round <= progress.confirmedRound) return;
  progress.confirmedRound = response.round;
  confirmReads(state);
}
