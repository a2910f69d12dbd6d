import { checkState } from './check-state.js';
import type { Effect } from './effects.js';
import { invariant } from './invariant.js';
import type { Entry, HardState } from './log/entry.js';
import { beginReadRound } from './reads/begin-read-round.js';
import { replicate } from './replication/replicate.js';
import type { RaftState } from './state.js';

/**
 * Hands out what there is to do. What is sent now comes first, so that the others work while this
 * member's disk does; what acknowledges something goes with the write that makes it true.
 */
export function takeEffects(state: RaftState, nowMs: number): Effect[] {
  beginReadRound(state);
  replicate(state);
  checkState(state);
  const leaving = state.reads.takeLeaving();
  if (leaving !== undefined) state.lease.roundLeft(leaving, nowMs);
  const effects: Effect[] = [];
  if (state.toSend.length > 0) {
    effects.push({ type: 'send', messages: state.toSend });
    state.toSend = [];
  }
  takeWrite(state, effects);
  takeInstall(state, effects);
  takeApply(state, effects);
  if (state.notices.length > 0) {
    effects.push(...state.notices);
    state.notices = [];
  }
  state.log.trimWindow(state.options.logWindowBytes);
  return effects;
}

function takeWrite(state: RaftState, effects: Effect[]): void {
  const messages = state.toSendOnceDurable;
  const base = state.log.takeUnwrittenBase();
  const entries = state.log.unwritten();
  const hardState = changedHardState(state);
  const nothing = entries.length === 0 && hardState === undefined && base === undefined;
  if (nothing && messages.length === 0) return;
  state.toSendOnceDurable = [];
  if (nothing && state.log.writes.count === 0) {
    effects.push({ type: 'send', messages });
    return;
  }
  const sequence = ++state.writeSequence;
  if (hardState !== undefined) state.handedOut = hardState;
  state.log.writeStarted(sequence, state.ticks);
  effects.push({ type: 'write', sequence, hardState, base, entries, messages });
}

/** Undefined when a newer commit alone has changed, but for one of a change of the membership. */
function changedHardState(state: RaftState): HardState | undefined {
  const { term, votedFor, recovery, handedOut, log } = state;
  const same =
    term === handedOut.term && votedFor === handedOut.votedFor && recovery === handedOut.recovery;
  if (same && !commitsChange(state)) return undefined;
  return { term, votedFor, commit: log.commit, recovery };
}

/**
 * Whether the disk does not tell yet that a change of the membership is committed. A restart with an
 * older state of the state machine would go back to a configuration whose members are gone for good.
 */
function commitsChange({ log, handedOut }: RaftState): boolean {
  const known = Math.max(handedOut.commit, log.base.index);
  return known < log.commit && known < log.memberships.newestUpTo(log.commit);
}

function takeInstall(state: RaftState, effects: Effect[]): void {
  if (state.installHandedOut) return;
  const base = state.log.readyToInstall();
  if (base === undefined) return;
  state.installHandedOut = true;
  effects.push({ type: 'install-snapshot', base });
}

function takeApply(state: RaftState, effects: Effect[]): void {
  const { maxApplyBytes } = state.options;
  if (state.applyReadPending) return;
  if (state.entriesToApply !== undefined) {
    const entries = state.entriesToApply;
    state.entriesToApply = undefined;
    // A snapshot may have come in between.
    if (state.log.appliesNext(entries)) {
      pushApply(state, effects, entries);
      return;
    }
  }
  const next = state.log.nextToApply(maxApplyBytes);
  if (next === undefined) return;
  if ('entries' in next) {
    pushApply(state, effects, next.entries);
    return;
  }
  const [first, last] = next.fromDisk;
  state.applyReadPending = true;
  effects.push({ type: 'read-entries', reader: 0, first, last, maxBytes: maxApplyBytes });
}

function pushApply(state: RaftState, effects: Effect[], entries: readonly Entry[]): void {
  const last = entries.at(-1);
  invariant(last !== undefined, 'there must be entries to apply');
  state.log.applyStarted(last.index);
  effects.push({ type: 'apply', entries });
}
