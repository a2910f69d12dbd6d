import { type Entry, EntryType, type HardState } from './entry.js';
import type { LogBase, LogState } from './log-state.js';
import { TermRuns } from './term-runs.js';

/** What a log says that holds `entries` behind `base`. */
export function logStateOf(
  hardState: HardState,
  base: LogBase,
  entries: readonly Entry[],
): LogState {
  const terms = new TermRuns(base);
  for (const { index, term } of entries) terms.append(index, term);
  return {
    hardState,
    base,
    lastIndex: terms.lastIndex,
    termRuns: terms.runs,
    membershipEntries: entries.filter(({ type }) => type === EntryType.Membership),
  };
}
