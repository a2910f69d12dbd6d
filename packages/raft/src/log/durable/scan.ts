import { EMPTY_HARD_STATE, type Entry, EntryType, entryBytes } from '../../core/log/entry.js';
import { LogSizes } from '../../core/log/log-sizes.js';
import { EMPTY_BASE, type LogState } from '../../core/log/log-state.js';
import { TermRuns } from '../../core/log/term-runs.js';
import {
  BASE_KEY,
  decodeBase,
  decodeEntry,
  decodeHardState,
  entryKey,
  HARD_STATE_KEY,
} from './layout.js';
import { LogDamage } from './log-damage.js';
import type { LogRowRange, LogRows } from './log-rows.js';

/** All entries, so many bytes or rows at a time. */
const PAGES = { lt: BASE_KEY, pageBytes: 1024 * 1024, pageRows: 10_000 };

/**
 * Reads the log from its base on; throws LogDamage for a wrong checksum, a hole, or terms that
 * fall.
 */
export function scanLog(rows: Pick<LogRows, 'getManySync' | 'range'>): LogState {
  const { hardState, base } = readFixedRows(rows);
  const terms = new TermRuns(base);
  const sizes = new LogSizes(base.index);
  const membershipEntries: Entry[] = [];
  for (const entry of entriesFrom(rows, base.index + 1, PAGES)) {
    const { index, term } = entry;
    const lastTerm = terms.termAt(terms.lastIndex);
    if (term < lastTerm) {
      throw new LogDamage(`entry ${index} has term ${term}, after term ${lastTerm}`);
    }
    terms.append(index, term);
    sizes.append(entryBytes(entry));
    if (entry.type === EntryType.Membership) membershipEntries.push(copyOf(entry));
  }
  return {
    hardState,
    base,
    lastIndex: terms.lastIndex,
    termRuns: terms.runs,
    sizes: sizes.steps,
    membershipEntries,
  };
}

function readFixedRows(rows: Pick<LogRows, 'getManySync'>): Pick<LogState, 'hardState' | 'base'> {
  const [baseRow, hardStateRow] = rows.getManySync([BASE_KEY, HARD_STATE_KEY]);
  const base = baseRow === undefined ? EMPTY_BASE : decodeBase(baseRow);
  if (base === undefined) throw new LogDamage('the base of the log fails its checksum');
  const hardState = hardStateRow === undefined ? EMPTY_HARD_STATE : decodeHardState(hardStateRow);
  if (hardState === undefined) throw new LogDamage('the hard state fails its checksum');
  return { hardState, base };
}

/** With bytes of its own, so that it does not keep a page alive. */
function copyOf(entry: Entry): Entry {
  return { ...entry, data: Uint8Array.from(entry.data) };
}

/**
 * Entries from `first` to the log's end. Keys are not read: an entry's checksum covers its
 * index, so one that is out of place does not fit.
 */
/** The entries from `first` on, up to the upper bound of `pages`. Throws LogDamage. */
export function* entriesFrom(
  rows: Pick<LogRows, 'range'>,
  first: number,
  pages: Omit<LogRowRange, 'gte' | 'keys'>,
): Generator<Entry> {
  using range = rows.range({ gte: entryKey(first), keys: false, ...pages });
  let index = first;
  while (!range.finished) {
    for (const { value } of range.nextPageSync()) {
      const entry = decodeEntry(index, value);
      if (entry === undefined) throw damageAt(rows, index);
      yield entry;
      index++;
    }
  }
}

/** Tells a hole from a row that was changed. */
function damageAt(rows: Pick<LogRows, 'range'>, index: number): LogDamage {
  using range = rows.range({ gte: entryKey(index), lt: BASE_KEY, pageRows: 1 });
  const [row] = range.nextPageSync();
  if (row?.key.equals(entryKey(index))) {
    return new LogDamage(`entry ${index} fails its checksum`);
  }
  return new LogDamage(`entry ${index} is missing, but others stand before or behind it`);
}
