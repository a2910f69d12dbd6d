import type { Accepted, Rejected } from '../effects.js';
import type { ReadIndexRequest, ReadIndexResponse } from '../message.js';
import { jointIndex } from '../quorum/joint.js';
import type { RaftState } from '../state.js';
import { holdsLease } from './lease.js';
import type { ReadRound, WaitingRead } from './read-rounds.js';

/**
 * Takes in a read; its context comes back with a read-ready or a read-failed effect. A follower
 * asks its leader. `leaseAtMs`: the time now, if a lease will do.
 */
export function requestRead(
  state: RaftState,
  context: number,
  leaseAtMs: number | undefined,
): Pick<Accepted, 'accepted'> | Rejected {
  if (state.reads.pending + state.remoteReads.pending >= state.options.maxPendingReads) {
    return state.rejection('overloaded');
  }
  if (state.role === 'leader') {
    if (leaseAtMs !== undefined && holdsLease(state, leaseAtMs)) {
      state.notices.push({ type: 'read-ready', contexts: [context], index: state.log.commit });
    } else {
      state.reads.add({ from: state.id, context });
    }
    return { accepted: true };
  }
  if (state.leader === 0) return state.rejection('not-leader');
  const { id: from, leader: to, term } = state;
  const number = state.remoteReads.add(context, state.ticks);
  state.send({ type: 'read-index', from, to, term, context: number });
  return { accepted: true };
}

/** Hands out the reads of the round that a majority has confirmed. */
export function confirmReads(state: RaftState): void {
  const round = jointIndex(state.configuration, (id) =>
    id === state.id ? Number.POSITIVE_INFINITY : (state.progress.get(id)?.confirmedRound ?? 0),
  );
  state.lease.confirm(round);
  const confirmed = state.reads.confirm(round);
  if (confirmed !== undefined) answerReads(state, confirmed);
}

function answerReads(state: RaftState, { reads, index }: ReadRound): void {
  const contexts = ownContexts(state, reads);
  if (contexts.length > 0) state.notices.push({ type: 'read-ready', contexts, index });
  answerRemote(state, reads, index);
}

function ownContexts(state: RaftState, reads: readonly WaitingRead[]): readonly number[] {
  return reads.filter(({ from }) => from === state.id).map(({ context }) => context);
}

function answerRemote(state: RaftState, reads: readonly WaitingRead[], index: number): void {
  for (const { from, context } of reads) {
    if (from !== state.id) answerReadRequest(state, from, context, index);
  }
}

function answerReadRequest(state: RaftState, to: number, context: number, index: number): void {
  const { id: from, term } = state;
  state.send({ type: 'read-index-response', from, to, term, context, index });
}

/** A follower's read: it waits for the same rounds as the leader's own. */
export function handleReadRequest(state: RaftState, { from, context }: ReadIndexRequest): void {
  const leads = state.role === 'leader';
  if (leads && state.reads.pending < state.options.maxPendingReads) {
    state.reads.add({ from, context });
  } else {
    answerReadRequest(state, from, context, 0);
  }
}

/** The leader's answer to a read of this follower. */
export function handleReadResponse(state: RaftState, response: ReadIndexResponse): void {
  const context = state.remoteReads.take(response.context);
  if (context === undefined) return;
  const contexts = [context];
  if (response.index === 0) state.notices.push({ type: 'read-failed', contexts });
  else state.notices.push({ type: 'read-ready', contexts, index: response.index });
}

/** Gives up reads that their leader has not answered for an election timeout. */
export function expireReads(state: RaftState): void {
  if (state.remoteReads.pending === 0) return;
  failReads(state, state.remoteReads.takeBefore(state.ticks - state.options.electionTicks));
}

/** The lead is gone, or the leader: nobody can confirm these reads any more. */
export function abandonReads(state: RaftState): void {
  state.lease.reset();
  const abandoned = state.reads.abandon();
  answerRemote(state, abandoned, 0);
  failReads(state, ownContexts(state, abandoned));
  failReads(state, state.remoteReads.takeBefore(Number.POSITIVE_INFINITY));
}

function failReads(state: RaftState, contexts: readonly number[]): void {
  if (contexts.length > 0) state.notices.push({ type: 'read-failed', contexts });
}
