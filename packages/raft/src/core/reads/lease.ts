import type { RaftState } from '../state.js';

/*
 * Reads without asking anybody (Raft thesis, 6.4.1). Who answers a heartbeat promises to elect
 * nobody for an election timeout; while a majority's promises last, by the leader's clock, no newer
 * leader can have committed what it has not seen.
 */

/**
 * Until when nobody else can be elected; undefined on who does not lead, and for no lease. A majority
 * promised to elect nobody for an election timeout after a heartbeat that left `leaseMs` before. Who
 * was asked to take the lead is not bound by that.
 */
export function leaseEndMs(state: RaftState): number | undefined {
  const { leaseMs } = state.options;
  if (state.role !== 'leader' || leaseMs === 0) return undefined;
  return state.log.commit < state.termStart ? undefined : state.lease.end(leaseMs);
}

/** Whether nobody else can have been elected by `nowMs`. */
export function holdsLease(state: RaftState, nowMs: number): boolean {
  const endMs = leaseEndMs(state);
  return endMs !== undefined && nowMs < endMs;
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
