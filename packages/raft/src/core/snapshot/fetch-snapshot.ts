import { followLeader } from '../election/follow-leader.js';
import type { SnapshotOffer, SnapshotPeer } from '../message.js';
import { compareCommitted } from '../recovery/contradiction.js';
import { noticeLoss } from '../recovery/recovery.js';
import { acknowledge } from '../replication/acknowledge.js';
import type { RaftState } from '../state.js';
import { snapshotPeers } from './snapshot-peers.js';

/*
 * Snapshots as the core sees them (Raft paper, section 7). A leader that no longer has the entries
 * a member lacks offers it a state; the member fetches one at that index or later, by other means
 * than messages, and goes on with its log meanwhile. Once it is fetched, it takes the place of the
 * log first and of the state machine's state then: a crash in between leaves a member that lacks
 * its state, knows it, and fetches again.
 */

export function handleSnapshotOffer(state: RaftState, offer: SnapshotOffer): void {
  followLeader(state, offer);
  noticeLoss(state, offer);
  compareCommitted(state, offer.from, offer.index, offer.indexTerm);
  const { log } = state;
  if (log.matches(offer.index, offer.indexTerm)) log.commitTo(offer.index);
  if (offer.index <= log.commit) acknowledge(state, log.commit);
  else fetch(state, offer.index, offer.peers);
}

/**
 * The state machine lacks what the log no longer has, by no fault of the leader's. Where nobody leads
 * it is fetched from whoever has it: maybe all members lack it, and none of them can lead.
 */
export function fetchMissingState(state: RaftState): void {
  if (!state.log.lacksState || state.log.installing) return;
  fetch(state, state.log.base.index, snapshotPeers(state.membership));
}

function fetch(state: RaftState, index: number, known: readonly SnapshotPeer[]): void {
  const { fetching, leader } = state;
  if (state.log.installing) return;
  if (fetching?.from === leader && fetching.index >= index) return;
  state.fetching = { from: leader, index };
  const peers = known.filter(({ member }) => member !== state.id);
  state.notices.push({ type: 'fetch-snapshot', from: leader, index, peers });
}

/** What was being fetched could not be had; the leader is told, and may offer another one. */
export function snapshotFailed(state: RaftState, index: number): void {
  const { fetching } = state;
  if (fetching?.index !== index) return;
  state.fetching = undefined;
  if (state.leader === 0 || state.leader !== fetching.from) return;
  const { id: from, term } = state;
  state.send({ type: 'snapshot-failed', from, to: fetching.from, term, index });
}
