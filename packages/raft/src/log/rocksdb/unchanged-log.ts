import { readFile } from 'node:fs/promises';
import type { Entry } from '../../core/log/entry.js';
import type { LogState } from '../../core/log/log-state.js';
import { RaftError } from '../../errors.js';
import { hasCode } from '../../rocksdb/caught-error.js';
import { UnchangedDatabase } from '../../rocksdb/unchanged-database.js';
import { checkAgainstMark } from '../durable/check-log.js';
import { BASE_KEY, entryKey } from '../durable/layout.js';
import { LogDamage } from '../durable/log-damage.js';
import { markIn } from '../durable/mark-file.js';
import { entriesFrom, scanLog } from '../durable/scan.js';
import { logPath, markPath } from './data-directory.js';
import { DIRECTORY_FORMAT, type Identity, readIdentity } from './identity.js';
import { corrupt, openingError } from './log-error.js';

const PAGE_BYTES = 1024 * 1024;

/**
 * The log of a member that does not run, to be looked at: nothing in its directory changes, and it can't be
 * started meanwhile.
 */
export class UnchangedLog implements AsyncDisposable {
  readonly identity: Identity;
  /** Of the directory. */
  readonly format: number = DIRECTORY_FORMAT;
  readonly state: LogState;
  readonly #directory: string;
  readonly #opened: UnchangedDatabase;

  private constructor(
    directory: string,
    identity: Identity,
    opened: UnchangedDatabase,
    state: LogState,
  ) {
    this.#directory = directory;
    this.identity = identity;
    this.#opened = opened;
    this.state = state;
  }

  /**
   * Reads the log of a member's data directory, and checks it as `RocksLogStore.open` does. `scratch`: where what
   * RocksDB writes goes, see UnchangedDatabase. LOG_LOCKED while the member runs, LOG_FOREIGN for another
   * format, LOG_CORRUPT for a damaged log, and for a directory that is no member's.
   */
  static async open(directory: string, scratch: string): Promise<UnchangedLog> {
    let opened: UnchangedDatabase | undefined;
    try {
      const identity = await readIdentity(directory);
      if (identity === undefined) {
        const message = `${directory} is no member's data directory: it has no file "identity"`;
        throw new RaftError('LOG_CORRUPT', message);
      }
      opened = await UnchangedDatabase.open(logPath(directory), scratch);
      const state = scanLog(opened.database);
      const mark = markIn(await readMarkFile(directory));
      if (mark === undefined) throw new LogDamage('the file "mark" is damaged');
      checkAgainstMark(state, mark);
      return new UnchangedLog(directory, identity, opened, state);
    } catch (error) {
      await opened?.close();
      if (error instanceof LogDamage) throw corrupt(directory, error.message, error);
      throw openingError(directory, error);
    }
  }

  /** Those from `first` to `last` that it holds. Throws LOG_CORRUPT. */
  *entries(first: number, last: number): Generator<Entry> {
    const from = Math.max(first, this.state.base.index + 1);
    const to = Math.min(last, this.state.lastIndex);
    if (from > to) return;
    const lt = to === this.state.lastIndex ? BASE_KEY : entryKey(to + 1);
    try {
      yield* entriesFrom(this.#opened.database, from, { lt, pageBytes: PAGE_BYTES });
    } catch (error) {
      throw error instanceof LogDamage ? corrupt(this.#directory, error.message, error) : error;
    }
  }

  close(): Promise<void> {
    return this.#opened.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

async function readMarkFile(directory: string): Promise<Buffer> {
  try {
    return await readFile(markPath(directory));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) throw new LogDamage('the file "mark" is missing');
    throw error;
  }
}
