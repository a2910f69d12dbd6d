import { EMPTY_HARD_STATE, type Entry, EntryType, type HardState } from '../../core/log/entry.js';
import { EMPTY_BASE, type LogBase, type LogState, type TermRun } from '../../core/log/log-state.js';
import { RaftError } from '../../errors.js';
import type { RocksDatabase } from '../../rocksdb/database.js';
import { termAt } from '../log-tail.js';
import {
  BASE_KEY,
  decodeBase,
  decodeEntry,
  decodeHardState,
  entryKey,
  HARD_STATE_KEY,
} from './layout.js';
import type { Mark } from './mark.js';

/** What is wrong with a log, in words. The caller adds what to do about it. */
export class LogDamage extends Error {
  override readonly name = 'LogDamage';
}

/** Whether `error` says that something is wrong with what is stored, not with storing. */
export function isDamage(error: unknown): boolean {
  if (error instanceof LogDamage) return true;
  return error instanceof RaftError && error.code === 'DATABASE_CORRUPT';
}

/** Pages of this many bytes are read at a time. */
const PAGE_BYTES = 1024 * 1024;
const PAGE_ROWS = 10_000;

/**
 * Reads the log from its base on; throws LogDamage for a wrong checksum, a hole, or terms that
 * fall.
 */
export function scanLog(database: RocksDatabase): LogState {
  const { hardState, base } = readFixedRows(database);
  const termRuns: TermRun[] = [];
  const membershipEntries: Entry[] = [];
  let lastIndex = base.index;
  let lastTerm = base.term;
  for (const entry of entriesFrom(database, base.index + 1)) {
    const { index, term } = entry;
    if (term < lastTerm) {
      throw new LogDamage(`entry ${index} has term ${term}, after term ${lastTerm}`);
    }
    if (term !== termRuns.at(-1)?.term) termRuns.push({ index, term });
    if (entry.type === EntryType.Membership) membershipEntries.push(copyOf(entry));
    lastIndex = index;
    lastTerm = term;
  }
  return { hardState, base, lastIndex, termRuns, membershipEntries };
}

function readFixedRows(database: RocksDatabase): { hardState: HardState; base: LogBase } {
  const [baseRow, hardStateRow] = database.getManySync([BASE_KEY, HARD_STATE_KEY]);
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
function* entriesFrom(database: RocksDatabase, first: number): Generator<Entry> {
  using range = database.range({
    gte: entryKey(first),
    lt: BASE_KEY,
    keys: false,
    pageBytes: PAGE_BYTES,
    pageRows: PAGE_ROWS,
  });
  let index = first;
  while (!range.finished) {
    for (const { value } of range.nextPageSync()) {
      const entry = decodeEntry(index, value);
      if (entry === undefined) throw damageAt(database, index);
      yield entry;
      index++;
    }
  }
}

/** Tells a hole from a row that was changed. */
export function damageAt(database: RocksDatabase, index: number): LogDamage {
  using range = database.range({ gte: entryKey(index), lt: BASE_KEY, pageRows: 1 });
  const [row] = range.nextPageSync();
  if (row?.key.equals(entryKey(index))) {
    return new LogDamage(`entry ${index} fails its checksum`);
  }
  return new LogDamage(`entry ${index} is missing, but others stand before or behind it`);
}

/**
 * Removes entries below the base, which a crash may have left. Whether there are any is not looked
 * up: finding the first row behind many deleted ones takes long, deleting again does not.
 */
export function removeBelowBase(database: RocksDatabase, base: LogBase): void {
  if (base.index > 0) database.deleteRange(entryKey(0), entryKey(base.index + 1));
}

/** Throws LogDamage when `state` lacks anything of what `mark` says was acknowledged. */
export function checkAgainstMark(state: LogState, mark: Mark): void {
  checkEntries(state, mark);
  checkHardState(state.hardState, mark);
}

/** What the base stands in for is there, whatever the mark says of it. */
function checkEntries({ base, lastIndex, termRuns }: LogState, mark: Mark): void {
  if (mark.lastIndex < base.index) return;
  if (lastIndex < mark.lastIndex) {
    throw new LogDamage(
      `the log ends at entry ${lastIndex}, but entries up to ${mark.lastIndex} were acknowledged`,
    );
  }
  const term = termAt(mark.lastIndex, base, termRuns);
  if (term !== mark.lastTerm) {
    throw new LogDamage(
      `entry ${mark.lastIndex} has term ${term}, but it was acknowledged with term ${mark.lastTerm}`,
    );
  }
}

function checkHardState(hardState: HardState, mark: Mark): void {
  if (hardState.term < mark.term) {
    throw new LogDamage(`the hard state has term ${hardState.term}, but ${mark.term} was reached`);
  }
  const voteLost = mark.votedFor !== 0 && hardState.votedFor !== mark.votedFor;
  if (hardState.term === mark.term && voteLost) {
    throw new LogDamage(
      `the hard state has a vote for member ${hardState.votedFor} in term ${mark.term}, ` +
        `but member ${mark.votedFor} got it`,
    );
  }
  if (mark.recovery !== 0 && hardState.recovery !== mark.recovery) {
    throw new LogDamage('the hard state does not ask for the recovery that the log began with');
  }
}

/** The mark for all that `state` holds. */
export function markOf({ hardState, base, lastIndex, termRuns }: LogState): Mark {
  const { term, votedFor, recovery } = hardState;
  return { term, votedFor, recovery, lastIndex, lastTerm: termAt(lastIndex, base, termRuns) };
}
