import type { Entry, HardState } from '../../core/entry.js';
import type { LogState, TermRun } from '../../core/log-state.js';
import type { RocksDatabase } from '../../rocksdb/database.js';
import type { RocksRow } from '../../rocksdb/range.js';
import { termInRuns } from '../log-tail.js';
import { decodeEntry, decodeHardState, isHardStateKey } from './layout.js';
import type { Mark } from './mark.js';

/** What is wrong with a log, in words. The caller adds what to do about it. */
export class LogDamage extends Error {
  override readonly name = 'LogDamage';
}

/** Pages of this many bytes are read at a time. */
const PAGE_BYTES = 1024 * 1024;

/** Reads the whole log; throws LogDamage for a wrong checksum, a hole, or terms that fall. */
export function scanLog(database: RocksDatabase): LogState {
  const scan = new LogScan();
  using range = database.range({ pageBytes: PAGE_BYTES, pageRows: 10_000 });
  while (!range.finished) {
    for (const row of range.nextPageSync()) scan.take(row);
  }
  return scan.state();
}

class LogScan {
  #hardState: HardState = { term: 0, votedFor: 0, commit: 0 };
  #lastIndex = 0;
  #lastTerm = 0;
  readonly #termRuns: TermRun[] = [];

  take(row: RocksRow): void {
    if (isHardStateKey(row.key)) this.#takeHardState(row);
    else this.#takeEntry(row);
  }

  #takeHardState({ key, value }: RocksRow): void {
    const hardState = decodeHardState(key, value);
    if (hardState === undefined) throw new LogDamage('the hard state fails its checksum');
    this.#hardState = hardState;
  }

  #takeEntry({ key, value }: RocksRow): void {
    const entry = decodeEntry(key, value);
    const index = this.#lastIndex + 1;
    if (entry === undefined) {
      throw new LogDamage(`the row where entry ${index} is expected fails its checksum`);
    }
    this.#checkOrder(entry, index);
    if (entry.term !== this.#lastTerm) this.#termRuns.push({ index, term: entry.term });
    this.#lastIndex = index;
    this.#lastTerm = entry.term;
  }

  #checkOrder(entry: Entry, index: number): void {
    if (entry.index !== index) {
      throw new LogDamage(`entries ${index} to ${entry.index - 1} are missing before others`);
    }
    if (entry.term < this.#lastTerm) {
      throw new LogDamage(`entry ${index} has term ${entry.term}, after term ${this.#lastTerm}`);
    }
  }

  state(): LogState {
    return {
      hardState: this.#hardState,
      firstIndex: 1,
      lastIndex: this.#lastIndex,
      termRuns: this.#termRuns,
    };
  }
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
