import {
  access,
  constants,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  realpath,
  rm,
  symlink,
} from 'node:fs/promises';
import { join } from 'node:path';
import { isRaftError, RaftError } from '../errors.js';
import { hasCode } from './caught-error.js';
import { RocksDatabase } from './database.js';
import { readingError } from './database-error.js';
import { openDirectories } from './open-directories.js';

const HEAD = 'CURRENT';
const LOCK = 'LOCK';
const TABLE = /\.sst$/;
/** What RocksDB writes to beside tables: which of them belong to it, and what is in none yet. */
const WRITTEN = /^(CURRENT|IDENTITY|MANIFEST-\d+|OPTIONS-\d+|\d+\.log)$/;
const MEMORY = { memtableBudgetBytes: 32 * 1024 * 1024, blockCacheBytes: 16 * 1024 * 1024 };

/**
 * A database that lies in a directory, opened to be read: nothing in that directory changes, as it would
 * where RocksDB opens it. RocksDB gets a directory of its own instead, with links to the tables and
 * copies of the rest, which are small. Nobody else can open the one that is read meanwhile.
 */
export class UnchangedDatabase implements AsyncDisposable {
  readonly database: RocksDatabase;
  readonly #copy: string;
  readonly #lock: RocksDatabase | undefined;

  private constructor(database: RocksDatabase, copy: string, lock: RocksDatabase | undefined) {
    this.database = database;
    this.#copy = copy;
    this.#lock = lock;
  }

  /**
   * `scratch`: a directory that is there, where what RocksDB writes goes; it is removed again. Rejects with
   * DATABASE_LOCKED while a process has it open, DATABASE_CORRUPT where it holds no database, and others
   * as `RocksDatabase.open`.
   */
  static async open(directory: string, scratch: string): Promise<UnchangedDatabase> {
    try {
      const source = await realpath(directory);
      const names = await readdir(source);
      if (!names.includes(HEAD)) {
        const message = `${directory} holds no database: its file ${HEAD} is missing`;
        throw new RaftError('DATABASE_CORRUPT', message);
      }
      if (openDirectories.has(source)) throw inUse(source);
      return await UnchangedDatabase.#openCopy(
        source,
        names,
        await mkdtemp(join(scratch, 'unchanged-')),
      );
    } catch (cause) {
      throw readingError(`database ${directory} can't be read`, cause);
    }
  }

  static async #openCopy(
    source: string,
    names: readonly string[],
    copy: string,
  ): Promise<UnchangedDatabase> {
    let lock: RocksDatabase | undefined;
    try {
      lock = names.includes(LOCK) ? await lockOf(source, join(copy, 'lock')) : undefined;
      const database = join(copy, 'database');
      await mkdir(database);
      // As they are now that it is locked.
      for (const name of await readdir(source)) {
        const [from, to] = [join(source, name), join(database, name)];
        if (TABLE.test(name)) await symlink(from, to);
        else if (WRITTEN.test(name)) await copyFile(from, to);
      }
      const opened = await RocksDatabase.open({ directory: database, ...MEMORY });
      return new UnchangedDatabase(opened, copy, lock);
    } catch (error) {
      await release(copy, lock);
      throw error;
    }
  }

  async close(): Promise<void> {
    try {
      await this.database.close();
    } finally {
      await release(this.#copy, this.#lock);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * Holds the lock of the database in `source`: that of another one, whose lock file is a link to it.
 * Undefined where nobody can write, and so nobody has it open.
 */
async function lockOf(source: string, directory: string): Promise<RocksDatabase | undefined> {
  const path = join(source, LOCK);
  try {
    await access(path, constants.W_OK);
  } catch (error) {
    if (hasCode(error, 'EROFS')) return undefined;
    throw error;
  }
  await mkdir(directory);
  await symlink(path, join(directory, LOCK));
  try {
    return await RocksDatabase.open({ directory, ...MEMORY });
  } catch (error) {
    throw isRaftError(error, 'DATABASE_LOCKED') ? inUse(source, error) : error;
  }
}

function inUse(directory: string, cause?: unknown): RaftError {
  const message = `database ${directory} is in use by another process, or this one: stop that first`;
  return new RaftError('DATABASE_LOCKED', message, { cause });
}

async function release(copy: string, lock: RocksDatabase | undefined): Promise<void> {
  await lock?.close();
  await rm(copy, { recursive: true, force: true });
}
