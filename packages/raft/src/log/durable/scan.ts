import {
  EMPTY_HARD_STATE,
  type Entry,
  EntryType,
  entryBytes,
  type HardState,
} from '../../core/log/entry.js';
import { LogSizes } from '../../core/log/log-sizes.js';
import { EMPTY_BASE, type LogBase, type LogState } from '../../core/log/log-state.js';
import { TermRuns } from '../../core/log/term-runs.js';
import type { LogOutline } from '../log-outline.js';
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

type Rows = Pick<LogRows, 'getManySync' | 'range'>;

/** All entries, so many bytes or rows at a time. */
const PAGES = { lt: BASE_KEY, pageBytes: 1024 * 1024, pageRows: 10_000 };

/** What is known of a log's entries up to one of them. */
interface KnownEntries {
  readonly terms: TermRuns;
  readonly sizes: LogSizes;
  readonly membershipEntries: Entry[];
}

/**
 * Reads the log from its base on; throws LogDamage for a wrong checksum, a hole, or terms that
 * fall.
 */
export function scanLog(rows: Rows): LogState {
  const { hardState, base } = readFixedRows(rows);
  return scanOn(rows, hardState, base, nothingOf(base));
}

/** A log as it was found. */
export interface ScannedLog {
  readonly state: LogState;
  /** The first entry that was read: an outline told of those before. */
  readonly readFrom: number;
}

/** The same, but the entries that `outline` tells of are not read; the whole log where it does not fit. */
export function scanBehind(outline: LogOutline | undefined, rows: Rows): ScannedLog {
  const { hardState, base } = readFixedRows(rows);
  const outlined = outline && outlinedEntries(outline, rows, base);
  const readFrom = (outlined?.terms.lastIndex ?? base.index) + 1;
  return { state: scanOn(rows, hardState, base, outlined ?? nothingOf(base)), readFrom };
}

function nothingOf(base: LogBase): KnownEntries {
  return { terms: new TermRuns(base), sizes: new LogSizes(base.index), membershipEntries: [] };
}

/** What the outline tells of the entries behind `base`; undefined where it does not fit what is there. */
function outlinedEntries(outline: LogOutline, rows: Rows, base: LogBase): KnownEntries | undefined {
  const { lastIndex, termRuns } = outline;
  if (lastIndex <= base.index) return undefined;
  const terms = TermRuns.of({ base: outline.base, lastIndex, termRuns });
  if (!terms.has(base.index, base.term)) return undefined;
  const found = (index: number) => {
    const [value] = rows.getManySync([entryKey(index)]);
    return value && decodeEntry(index, value);
  };
  // So it is the same log, and nothing of its front is missing.
  if (found(lastIndex)?.term !== terms.termAt(lastIndex)) return undefined;
  if (found(base.index + 1) === undefined) return undefined;
  const membershipEntries: Entry[] = [];
  for (const index of outline.membershipIndexes) {
    if (index <= base.index) continue;
    const entry = found(index);
    if (entry?.type !== EntryType.Membership) return undefined;
    membershipEntries.push(copyOf(entry));
  }
  terms.beginAt(base);
  const sizes = LogSizes.of(outline.base.index, lastIndex, outline.sizes);
  sizes.beginAt(base.index);
  return { terms, sizes, membershipEntries };
}

function scanOn(
  rows: Rows,
  hardState: HardState,
  base: LogBase,
  { terms, sizes, membershipEntries }: KnownEntries,
): LogState {
  for (const entry of entriesFrom(rows, terms.lastIndex + 1, PAGES)) {
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

function readFixedRows(rows: Rows): Pick<LogState, 'hardState' | 'base'> {
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
 * The entries from `first` on, up to the upper bound of `pages`. Keys are not read: an entry's checksum covers its
 * index, so one that is out of place does not fit. Throws LogDamage.
 */
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
