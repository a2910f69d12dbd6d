import type { RaftState } from '../state.js';

/*
 * Reads without asking anybody (Raft thesis, 6.4.1). Who answers a heartbeat promises to elect
 * nobody for an election timeout; while a majority's promises last, by the leader's clock, no newer
 * leader can have committed what it has not seen.
 */

/**
 * Whether nobody else can have been elected by `nowMs`: a majority promised to elect nobody for an
 * election timeout after a heartbeat that left less than `leaseMs` ago. Who was asked to take the
 * lead is not bound by that.
 */
export function holdsLease(state: RaftState, nowMs: number): boolean {
  const { leaseMs } = state.options;
  if (leaseMs === 0 || state.log.commit < state.termStart) return false;
  return state.lease.holds(nowMs, leaseMs);
}

/** A leader may count on this member's answer: it elects nobody for an election timeout. */
export function promiseLease(state: RaftState): void {
  const { leaseMs, electionTicks } = state.options;
  if (leaseMs > 0) state.promisedToTick = state.ticks + electionTicks;
}

/** Whether a leader's lease may rest on this member's word that it elects nobody, itself neither. */
export function isPromised(state: RaftState): boolean {
  return state.ticks < state.promisedToTick;
}
