import type { Message } from '../message.js';
import { promiseLease } from '../reads/lease.js';
import { abandonReads } from '../reads/read-index.js';
import { checkOnlyLeader } from '../recovery/contradiction.js';
import type { RaftState } from '../state.js';
import { becomeFollower } from './roles.js';
import { leaderKnown } from './transfer.js';

/** A leader of this term speaks: whoever campaigned in it has lost (Raft paper, 5.2). */
export function followLeader(state: RaftState, message: Message): void {
  const { from } = message;
  checkOnlyLeader(state, from);
  if (state.role === 'follower') {
    if (state.endedLeader !== 0) state.resetElectionTimer();
    state.electionElapsed = 0;
    state.leader = from;
  } else {
    becomeFollower(state, state.term, from);
  }
  promiseLease(state);
  leaderKnown(state, from);
}

/** Nobody is known to lead any more, nor to answer what was asked of them. */
export function forgetLeader(state: RaftState): void {
  if (state.leader === 0) return;
  abandonReads(state);
  state.leader = 0;
}
