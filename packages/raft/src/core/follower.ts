import { invariant } from './invariant.js';
import type { AppendRequest, Heartbeat } from './message.js';
import { becomeFollower } from './roles.js';
import type { RaftState } from './state.js';

/** A leader of this term speaks: whoever campaigned in it has lost (Raft paper, 5.2). */
function followLeader(state: RaftState, leader: number): void {
  if (state.role === 'follower' && state.leader === leader) state.electionElapsed = 0;
  else becomeFollower(state, state.term, leader);
}

/** AppendEntries, receiver's side (Raft paper, figure 2). */
export function handleAppend(state: RaftState, request: AppendRequest): void {
  followLeader(state, request.from);
  const { log } = state;
  if (request.prevIndex < log.commit) {
    // Late or repeated: everything committed matches the leader's log anyway.
    acknowledge(state, request, log.commit);
    return;
  }
  if (!log.matches(request.prevIndex, request.prevTerm)) {
    refuse(state, request);
    return;
  }
  log.merge(request.entries);
  const lastNew = request.prevIndex + request.entries.length;
  // Only up to what this message is known to match: behind it may stand old entries of others.
  log.commitTo(Math.min(request.commit, lastNew));
  acknowledge(state, request, lastNew);
}

function acknowledge(state: RaftState, request: AppendRequest, index: number): void {
  state.sendOnceDurable({
    type: 'append-response',
    from: state.id,
    to: request.from,
    term: state.term,
    index,
    rejected: false,
    hintIndex: 0,
    hintTerm: 0,
  });
}

function refuse(state: RaftState, request: AppendRequest): void {
  const hintIndex = state.log.lastIndexWithTermAtMost(request.prevIndex, request.prevTerm);
  state.sendOnceDurable({
    type: 'append-response',
    from: state.id,
    to: request.from,
    term: state.term,
    index: request.prevIndex,
    rejected: true,
    hintIndex,
    hintTerm: state.log.termAt(hintIndex),
  });
}

export function handleHeartbeat(state: RaftState, heartbeat: Heartbeat): void {
  followLeader(state, heartbeat.from);
  // The leader sends no more than it knows to match. Going on would make copies count twice:
  // once as they were acknowledged, and again when what replaces them is.
  invariant(
    heartbeat.commit <= state.log.lastIndex,
    `this member had acknowledged entry ${heartbeat.commit}, and its log ends at ` +
      `${state.log.lastIndex}: its data was lost or replaced. It must not take part under its old id`,
  );
  state.log.commitTo(heartbeat.commit);
  state.send({
    type: 'heartbeat-response',
    from: state.id,
    to: heartbeat.from,
    term: state.term,
    round: heartbeat.round,
  });
}
