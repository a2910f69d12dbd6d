import { type Entry, entryBytes } from '../../core/log/entry.js';
import { decodeEntry, entryKey } from './layout.js';
import type { LogRows } from './log-rows.js';
import { damageAt } from './scan.js';

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
  using range = rows.range({
    gte: entryKey(first),
    lt: entryKey(last + 1),
    keys: false,
    pageRows: Math.min(PAGE_ROWS, last - first + 1),
    pageBytes: Math.min(maxBytes, MAX_PAGE_BYTES),
    fillCache: true,
  });
  const entries: Entry[] = [];
  let bytes = 0;
  while (!range.finished) {
    for (const { value } of range.nextPageSync()) {
      const index = first + entries.length;
      const entry = decodeEntry(index, value);
      if (entry === undefined) throw damageAt(rows, index);
      bytes += entryBytes(entry);
      if (entries.length > 0 && bytes > maxBytes) return entries;
      entries.push(entry);
    }
  }
  return entries;
}
