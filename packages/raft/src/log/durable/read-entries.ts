import { type Entry, upToBytes } from '../../core/log/entry.js';
import { entryKey } from './layout.js';
import type { LogRows } from './log-rows.js';
import { entriesFrom } from './scan.js';

/** The first page of a read is small, since many reads want little. */
const PAGE_ROWS = 256;
const MAX_PAGE_BYTES = 2 ** 30;

/**
 * Entries from `first` on, without a hole, at least one and otherwise within `maxBytes` in sum of
 * `entryBytes`; fewer, possibly none, where the log ends. Throws LogDamage.
 */
export function readEntries(
  rows: Pick<LogRows, 'range'>,
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
  return upToBytes(entries, maxBytes);
}
