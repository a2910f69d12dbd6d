import type { MemberId } from '../log/entry.js';
import type { RaftState } from '../state.js';

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

/** Tells a leader that its entry at `index` is not here, and that one at `hintIndex` may be its own. */
export function refuse(state: RaftState, to: MemberId, index: number, hintIndex: number): void {
  state.sendOnceDurable({
    type: 'append-response',
    from: state.id,
    to,
    term: state.term,
    index,
    rejected: true,
    hintIndex,
    hintTerm: state.log.termAt(hintIndex),
    recovery: state.recovery,
  });
}
