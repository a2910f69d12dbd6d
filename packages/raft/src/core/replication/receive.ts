import { acknowledge, followLeader } from '../election/follow-leader.js';
import type { AppendRequest, Heartbeat, HeartbeatResponse } from '../message.js';
import { commitOrNoticeLoss, noticeHistory } from '../recovery/recovery.js';
import { fetchMissingState } from '../snapshot/fetch-snapshot.js';
import type { RaftState } from '../state.js';

/** AppendEntries, receiver's side (Raft paper, figure 2). */
export function handleAppend(state: RaftState, request: AppendRequest): void {
  followLeader(state, request);
  noticeHistory(state, request);
  const { log } = state;
  // With a newer log than the others' it would elect nobody, and without its state it can't lead.
  if (log.lacksState) return;
  if (request.prevIndex < log.commit) {
    // Late or repeated: everything committed matches the leader's log anyway.
    acknowledge(state, log.commit);
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
  acknowledge(state, lastNew);
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
    recovery: state.recovery,
  });
}

export function handleHeartbeat(state: RaftState, heartbeat: Heartbeat): void {
  followLeader(state, heartbeat);
  commitOrNoticeLoss(state, heartbeat);
  fetchMissingState(state);
  const response: HeartbeatResponse = {
    type: 'heartbeat-response',
    from: state.id,
    to: heartbeat.from,
    term: state.term,
    round: heartbeat.round,
    recovery: state.recovery,
  };
  // A number that a crash takes back would be waited for in vain; and who is taken for recovered
  // may soon be needed for a majority.
  if (state.recovery === 0 && state.recoveredWrite === 0) state.send(response);
  else state.sendOnceDurable(response);
}
