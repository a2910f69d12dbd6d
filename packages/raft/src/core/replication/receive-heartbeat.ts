import { followLeader } from '../election/follow-leader.js';
import type { Heartbeat, Message } from '../message.js';
import { commitOrNoticeLoss, noticeLoss } from '../recovery/recovery.js';
import { fetchMissingState } from '../snapshot/fetch-snapshot.js';
import type { RaftState } from '../state.js';

export function handleHeartbeat(state: RaftState, heartbeat: Heartbeat): void {
  followLeader(state, heartbeat);
  noticeLoss(state, heartbeat);
  commitOrNoticeLoss(state, heartbeat);
  fetchMissingState(state);
  state.toldHeldByAll = heartbeat.heldByAll;
  const { id: from, term, recovery, priority } = state;
  const { from: to, round } = heartbeat;
  const { commit } = state.log;
  const commitTerm = state.log.termAt(commit);
  const response: Message = {
    type: 'heartbeat-response',
    from,
    to,
    term,
    round,
    recovery,
    priority,
    commit,
    commitTerm,
  };
  // A number that a crash takes back would be waited for in vain; and who is taken for recovered
  // may soon be needed for a majority.
  if (recovery === 0 && state.recoveredWrite === 0) state.send(response);
  else state.sendOnceDurable(response);
}
