import { type Entry, EntryType, entryBytes, type HardState } from './entry.js';
import { LogSizes } from './log-sizes.js';
import type { LogBase, LogState } from './log-state.js';
import { TermRuns } from './term-runs.js';

/** What a log says that holds `entries` behind `base`. */
export function logStateOf(
  hardState: HardState,
  base: LogBase,
  entries: readonly Entry[],
): LogState {
  const terms = new TermRuns(base);
  const sizes = new LogSizes(base.index);
  for (const entry of entries) {
    terms.append(entry.index, entry.term);
    sizes.append(entryBytes(entry));
  }
  return {
    hardState,
    base,
    lastIndex: terms.lastIndex,
    termRuns: terms.runs,
    sizes: sizes.steps,
    membershipEntries: entries.filter(({ type }) => type === EntryType.Membership),
  };
}
