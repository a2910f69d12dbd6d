import type { RaftState } from '../state.js';

/**
 * Every member that takes part, or is to be brought up to date, holds the entries up to here durably: as a
 * leader knows by what they acknowledged, and others by its last word. 0 where nobody knows: after
 * a start, and when another membership has taken effect.
 */
export function heldByAll(state: RaftState): number {
  if (state.role !== 'leader') return state.toldHeldByAll;
  let index = state.log.durable;
  for (const { match } of state.progress.values()) index = Math.min(index, match);
  return index;
}
