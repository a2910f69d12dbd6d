import type { SnapshotFailed } from '../message.js';
import type { Progress } from '../replication/progress.js';
import type { RaftState } from '../state.js';
import { snapshotPeers } from './snapshot-peers.js';

/** Offers a state, unless that can't help: `RaftOptions.offersLogStart` says as of which index. */
export function offerSnapshot(state: RaftState, progress: Progress): void {
  const { base, applied, lacksState } = state.log;
  // Who does not answer would miss the offer.
  if (!progress.active || lacksState) return;
  // Without any entry compacted away a state is offered for what stands in front of the first.
  const isWhole = base.index === 0;
  sendOffer(state, progress, isWhole || !state.options.offersLogStart ? applied : base.index);
}

function sendOffer(state: RaftState, progress: Progress, index: number): void {
  progress.becomeSnapshot(index, state.ticks);
  state.send({
    type: 'snapshot-offer',
    from: state.id,
    to: progress.id,
    term: state.term,
    heard: state.log.memberships.hasHeard(progress.id),
    index,
    indexTerm: state.log.termAt(index),
    peers: snapshotPeers(state.membership),
  });
}

/**
 * An offer may have been lost, or the member restarted: repeats it now and then. The same one, as
 * long as the log goes on from there: a newer one would have the member begin its fetch anew.
 */
export function repeatOffer(state: RaftState, progress: Progress): void {
  if (progress.state !== 'snapshot') return;
  if (state.ticks - progress.offeredAtTick < state.options.electionTicks) return;
  const { pendingSnapshot } = progress;
  if (pendingSnapshot >= state.log.base.index) sendOffer(state, progress, pendingSnapshot);
  else offerSnapshot(state, progress);
}

/** The member could not get the state; it is probed again after the next heartbeat. */
export function handleSnapshotFailed(state: RaftState, message: SnapshotFailed): void {
  const progress = state.progress.get(message.from);
  if (progress?.state !== 'snapshot' || progress.pendingSnapshot !== message.index) return;
  progress.snapshotFailed();
  progress.pause();
}
