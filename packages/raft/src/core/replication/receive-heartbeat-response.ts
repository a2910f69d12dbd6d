import { learnCommit } from '../election/grant-vote.js';
import { urgeTarget } from '../election/transfer.js';
import type { HeartbeatResponse } from '../message.js';
import { confirmReads } from '../reads/read-index.js';
import { showContradicted } from '../recovery/contradiction.js';
import { endRecovery, usableUnder } from '../recovery/recovery.js';
import { repeatOffer } from '../snapshot/offer-snapshot.js';
import type { RaftState } from '../state.js';
import { probe } from './probe.js';

export function handleHeartbeatResponse(state: RaftState, response: HeartbeatResponse): void {
  const progress = state.progress.get(response.from);
  if (progress === undefined || response.round > state.reads.round) return;
  if (!usableUnder(state, progress, response.recovery)) return;
  progress.active = true;
  progress.priority = response.priority;
  // Who lacks its state acknowledges nothing that would tell what it needs from a leader.
  if (response.recovery === 0) learnCommit(state, response);
  showContradicted(state, response);
  if (progress.probeDue) probe(state, progress);
  repeatOffer(state, progress);
  urgeTarget(state, progress);
  endRecovery(state, progress);
  // A member that has lost its vote may have helped to elect another leader.
  if (progress.recovery !== 0 || response.round <= progress.confirmedRound) return;
  progress.confirmedRound = response.round;
  confirmReads(state);
}
