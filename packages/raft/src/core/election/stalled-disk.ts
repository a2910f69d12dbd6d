import type { RaftState } from '../state.js';

/** Whether the oldest write takes longer than `maxTicks`; never for 0. */
export function diskStalled(state: RaftState, maxTicks: number): boolean {
  return maxTicks > 0 && state.log.writes.oldestTicks(state.ticks) >= maxTicks;
}
