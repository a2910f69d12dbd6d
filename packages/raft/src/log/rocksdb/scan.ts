import type { Entry, HardState } from '../../core/entry.js';
import type { LogState, TermRun } from '../../core/log-state.js';
import { RaftError } from '../../errors.js';
import type { RocksDatabase } from '../../rocksdb/database.js';
import { termInRuns } from '../log-tail.js';
import { decodeEntry, decodeHardState, entryKey, HARD_STATE_KEY } from './layout.js';
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

/** Reads the whole log; throws LogDamage for a wrong checksum, a hole, or terms that fall. */
export function scanLog(database: RocksDatabase): LogState {
  const hardState = readHardState(database);
  const termRuns: TermRun[] = [];
  let lastIndex = 0;
  let lastTerm = 0;
  for (const { index, term } of entriesFrom(database, 1)) {
    if (term < lastTerm) {
      throw new LogDamage(`entry ${index} has term ${term}, after term ${lastTerm}`);
    }
    if (term !== lastTerm) termRuns.push({ index, term });
    lastIndex = index;
    lastTerm = term;
  }
  return { hardState, firstIndex: 1, lastIndex, termRuns };
}

function readHardState(database: RocksDatabase): HardState {
  const [value] = database.getManySync([HARD_STATE_KEY]);
  if (value === undefined) return { term: 0, votedFor: 0, commit: 0 };
  const hardState = decodeHardState(value);
  if (hardState === undefined) throw new LogDamage('the hard state fails its checksum');
  return hardState;
}

/**
 * Entries from `first` to the log's end. Keys are not read: an entry's checksum covers its
 * index, so one that is out of place does not fit.
 */
function* entriesFrom(database: RocksDatabase, first: number): Generator<Entry> {
  using range = database.range({
    gte: entryKey(0),
    lt: HARD_STATE_KEY,
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
  using range = database.range({ gte: entryKey(index), lt: HARD_STATE_KEY, pageRows: 1 });
  const [row] = range.nextPageSync();
  if (row?.key.equals(entryKey(index))) {
    return new LogDamage(`entry ${index} fails its checksum`);
  }
  return new LogDamage(`entry ${index} is missing, but others stand before or behind it`);
}

/** Throws LogDamage when `state` lacks anything of what `mark` says was acknowledged. */
export function checkAgainstMark(state: LogState, mark: Mark): void {
  if (state.lastIndex < mark.lastIndex) {
    throw new LogDamage(
      `the log ends at entry ${state.lastIndex}, but entries up to ${mark.lastIndex} were acknowledged`,
    );
  }
  const term = termInRuns(state.termRuns, mark.lastIndex);
  if (term !== mark.lastTerm) {
    throw new LogDamage(
      `entry ${mark.lastIndex} has term ${term}, but it was acknowledged with term ${mark.lastTerm}`,
    );
  }
  const { hardState } = state;
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
}

/** The mark for all that `state` holds. */
export function markOf(state: LogState): Mark {
  return {
    term: state.hardState.term,
    votedFor: state.hardState.votedFor,
    lastIndex: state.lastIndex,
    lastTerm: termInRuns(state.termRuns, state.lastIndex),
  };
}
