import { invariant } from '../invariant.js';
import type { Message } from '../message.js';
import type { RaftState } from '../state.js';
import { becomeFollower } from './roles.js';
import { leaderKnown } from './transfer.js';

/** A leader of this term speaks: whoever campaigned in it has lost (Raft paper, 5.2). */
export function followLeader(state: RaftState, message: Message): void {
  const { from, type } = message;
  invariant(state.role !== 'leader', `member ${from} leads term ${state.term} too (${type})`);
  if (state.role === 'follower') {
    state.electionElapsed = 0;
    state.leader = from;
  } else {
    becomeFollower(state, state.term, from);
  }
  state.promise();
  leaderKnown(state, from);
}

/**
 * Tells the leader that the log up to `index` matches its own, once that is durable. Not while the
 * state is missing that the log begins behind: this member could not lead with what it
 * acknowledges, and with it as their majority nobody could.
 */
export function acknowledge(state: RaftState, index: number): void {
  if (state.leader === 0 || state.log.lacksState) return;
  state.sendOnceDurable({
    type: 'append-response',
    from: state.id,
    to: state.leader,
    term: state.term,
    index,
    rejected: false,
    hintIndex: 0,
    hintTerm: 0,
    recovery: state.recovery,
  });
}
