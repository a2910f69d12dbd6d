import type { HistoryEvent } from '../../histories/history-event.js';

/** How a moment is told to people: `12.31 s`. */
export type MomentText = (at: number) => string;

/**
 * Moments that are indexes of events, in seconds since the history began; where it has no times, as
 * what was imported may have none, by the indexes.
 */
export function momentsOf(events: readonly HistoryEvent[]): MomentText {
  const hasTimes = (events.at(-1)?.atMs ?? 0) > 0;
  if (!hasTimes) return (at) => `event ${at}`;
  return (at) => `${((events[at]?.atMs ?? 0) / 1000).toFixed(3)} s`;
}
