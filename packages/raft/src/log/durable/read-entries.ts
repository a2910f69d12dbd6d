import { type Entry, upToBytes } from '../../core/log/entry.js';
import { BASE_KEY, entryKey, OUTLINE_KEY } from './layout.js';
import { isDamage } from './log-damage.js';
import type { LogRows } from './log-rows.js';
import { entriesFrom } from './scan.js';

/** The first page of a read is small, since many reads want little. */
const PAGE_ROWS = 256;
const MAX_PAGE_BYTES = 2 ** 30;

/**
 * Entries from `first` on, without a hole, at least one and otherwise within `maxBytes` in sum of
 * `entryBytes`; fewer, possibly none, where the log ends. Throws LogDamage, which the next opening finds again:
 * the outline goes, for which it would not read the entries here.
 */
export function readEntries(
  rows: Pick<LogRows, 'range' | 'deleteRange'>,
  first: number,
  last: number,
  maxBytes: number,
): Entry[] {
  const entries = entriesFrom(rows, first, {
    lt: entryKey(last + 1),
    pageRows: Math.min(PAGE_ROWS, last - first + 1),
    pageBytes: Math.min(maxBytes, MAX_PAGE_BYTES),
    fillCache: true,
  });
  try {
    return upToBytes(entries, maxBytes);
  } catch (error) {
    if (isDamage(error)) rows.deleteRange(OUTLINE_KEY, BASE_KEY);
    throw error;
  }
}
