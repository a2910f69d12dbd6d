import type { Dirent } from 'node:fs';
import { mkdir, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { abortable } from '@raft-ts/net';
import { RaftError } from '../errors.js';
import { RocksBatch } from './batch.js';
import { databaseError, readingError } from './database-error.js';
import { nativeOptions, type RocksDatabaseOptions } from './database-options.js';
import { nativeAnswer } from './native-answer.js';
import { loadNativeBinding, type NativeBinding, type NativeDatabase } from './native-binding.js';
import { openDirectories } from './open-directories.js';
import { completeRangeOptions, type RangeOptions, RocksRange } from './range.js';
import { syncWriteAheadLogs } from './sync-write-ahead-logs.js';

/**
 * A RocksDB database: bytes by key, in the order of the keys' bytes. Everything in one column
 * family: with several, one that is seldom written keeps the write-ahead log from being freed.
 *
 * Synchronous calls may wait for the disk. Errors are `RaftError`s: DATABASE_LOCKED (another
 * process, or this one, has the directory open), DATABASE_FULL (no room on the disk),
 * DATABASE_CORRUPT (a file fails its checksum, or is missing), DATABASE_FAILED (all else that
 * RocksDB reports), DATABASE_CLOSED. Every block is checked when it is read from a file; one that
 * nobody reads may be found damaged much later, by a compaction: then writes fail.
 */
export class RocksDatabase implements AsyncDisposable {
  readonly directory: string;
  readonly #binding: NativeBinding;
  readonly #database: NativeDatabase;
  /** What its owner has open, by its one name; undefined for who is not its owner. */
  readonly #owned: string | undefined;
  readonly #ranges = new Set<RocksRange>();
  #pending = 0;
  #idle: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  private constructor(
    binding: NativeBinding,
    database: NativeDatabase,
    directory: string,
    owned: string | undefined,
  ) {
    this.#binding = binding;
    this.#database = database;
    this.directory = directory;
    this.#owned = owned;
    if (owned !== undefined) openDirectories.add(owned);
  }

  /** Opens or creates the database. What the last process wrote is recovered first. */
  static async open(options: RocksDatabaseOptions): Promise<RocksDatabase> {
    const native = nativeOptions(options);
    const binding = loadNativeBinding();
    const { directory } = options;
    try {
      await mkdir(directory, { recursive: true });
      await checkFiles(directory);
      const database = binding.db_init(directory);
      await nativeAnswer((callback) => binding.db_open(database, native, callback));
      return new RocksDatabase(binding, database, directory, await realpath(directory));
    } catch (cause) {
      throw readingError(`database ${directory} can't be opened`, cause);
    }
  }

  /**
   * The database that another thread of this process has open, by its `handle`. Closing this
   * object does not close the database; the thread that opened it must not do so before.
   */
  static fromHandle(handle: bigint, directory: string): RocksDatabase {
    const binding = loadNativeBinding();
    return new RocksDatabase(binding, binding.db_init(handle), directory, undefined);
  }

  /** Names this database to other threads of this process, for as long as it is open. */
  get handle(): bigint {
    this.#assertOpen();
    return this.#binding.db_get_handle(this.#database);
  }

  /** The values of `keys`, in their order; undefined for a key that is not there. */
  getManySync(keys: readonly Uint8Array[]): (Buffer | undefined)[] {
    this.#assertOpen();
    const values = this.#try('read', () =>
      this.#binding.db_get_many_sync(this.#database, keys, { valueEncoding: 'buffer' }),
    );
    return values as (Buffer | undefined)[];
  }

  /**
   * The same on a thread of libuv's pool. All values are from one moment, which may be after the
   * call. An abort rejects at once with the signal's reason; the read itself runs to its end.
   */
  async getMany(
    keys: readonly Uint8Array[],
    signal?: AbortSignal,
  ): Promise<(Buffer | undefined)[]> {
    signal?.throwIfAborted();
    const values = this.#asynchronous<(Buffer | undefined | null)[]>('read', (callback) => {
      this.#binding.db_get_many(this.#database, keys, { valueEncoding: 'buffer' }, callback);
    });
    return (await abortable(values, signal)) as (Buffer | undefined)[];
  }

  /**
   * A batch for any number of writes one after the other. Keep and reuse it: a batch's memory is
   * outside of the heap and goes only when the collector finds the small object that holds it.
   */
  batch(): RocksBatch {
    this.#assertOpen();
    const native = this.#binding.batch_init();
    return new RocksBatch(this.#binding, native, (sync) => {
      this.#assertOpen();
      this.#try('write', () => this.#binding.batch_write(this.#database, native, { sync }));
    });
  }

  /**
   * Everything that was written before the call survives the loss of power once this resolves. Runs
   * on threads of libuv's pool, and holds up no write meanwhile, as a write with `sync` would: until
   * its fsync is done, RocksDB lets no other one begin.
   */
  async sync(): Promise<void> {
    this.#assertOpen();
    this.#pending++;
    try {
      await syncWriteAheadLogs(this.directory);
    } catch (cause) {
      throw this.#error('sync', cause);
    } finally {
      this.#pending--;
      this.#checkIdle();
    }
  }

  /**
   * Deletes all rows from `first` up to, not including, `end`, with one small record however many
   * they are: neither on the disk nor in memory is any of them touched until files are compacted.
   * By itself, in no batch; survives the loss of power once a later write is synced. Ranges that
   * overlap many others make reads slow: let each begin where the last one ended.
   */
  deleteRange(first: Uint8Array, end: Uint8Array): void {
    this.#assertOpen();
    this.#try('write', () => this.#binding.db_clear(this.#database, { gte: first, lt: end }));
  }

  /**
   * The rows between two bounds as they are now; later writes don't show. Throws OPTIONS_INVALID. Finding the first row
   * happens here, on the calling thread, and may wait for the disk. Close it: it pins files.
   */
  range(options: RangeOptions = {}): RocksRange {
    this.#assertOpen();
    const { pageRows, pageBytes, keys, fillCache, gte, lt } = completeRangeOptions(options);
    const native = this.#binding.iterator_init(this.#database, {
      keyEncoding: 'buffer',
      keys,
      valueEncoding: 'buffer',
      highWaterMarkBytes: pageBytes,
      fillCache,
      ...(gte === undefined ? {} : { gte }),
      ...(lt === undefined ? {} : { lt }),
    });
    const range: RocksRange = new RocksRange({
      nextPageSync: () =>
        this.#try('read', () => this.#binding.iterator_nextv_sync(native, pageRows)),
      nextPage: () =>
        this.#asynchronous('read', (callback) => {
          this.#binding.iterator_nextv(native, pageRows, callback);
        }),
      release: () => {
        this.#ranges.delete(range);
        this.#binding.iterator_close(native);
        this.#checkIdle();
      },
    });
    this.#ranges.add(range);
    return range;
  }

  /**
   * Waits for asynchronous reads, fsyncs the write-ahead log and releases the directory. Open
   * ranges are closed. Safe to call twice.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const range of this.#ranges) range.close();
    // A range that is being read is released, and forgotten, when its page ends.
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
      this.#checkIdle();
    });
    if (this.#owned === undefined) return;
    try {
      await nativeAnswer((callback) => this.#binding.db_close(this.#database, callback));
    } catch (cause) {
      throw this.#error('close', cause);
    } finally {
      openDirectories.delete(this.#owned);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #try<Result>(action: string, call: () => Result): Result {
    try {
      return call();
    } catch (cause) {
      throw this.#error(action, cause);
    }
  }

  /** Runs a call of the binding that answers later, and lets `close` wait for it. */
  async #asynchronous<Result>(
    action: string,
    start: (callback: (error: Error | null, result: Result) => void) => void,
  ): Promise<Result> {
    this.#assertOpen();
    this.#pending++;
    try {
      return await nativeAnswer(start);
    } catch (cause) {
      throw this.#error(action, cause);
    } finally {
      this.#pending--;
      this.#checkIdle();
    }
  }

  #checkIdle(): void {
    if (this.#pending === 0 && this.#ranges.size === 0) this.#idle?.();
  }

  #assertOpen(): void {
    if (this.#closing === undefined) return;
    throw new RaftError('DATABASE_CLOSED', `database ${this.directory} is closed`);
  }

  #error(action: string, cause: unknown): RaftError {
    const what = `database ${this.directory} failed to ${action}`;
    return action === 'read' ? readingError(what, cause) : databaseError(what, cause);
  }
}

/** RocksDB makes a new database where this file is missing, and removes what is left of the old. */
const HEAD = 'CURRENT';
/** Tables and write-ahead logs: they come after the head. */
const BODY = /^\d+\.(sst|log)$/;

async function checkFiles(directory: string): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.map(({ name }) => name);
  if (!names.includes(HEAD) && names.some((name) => BODY.test(name))) {
    throw damaged(directory, `its file ${HEAD} is missing`);
  }
  for (const entry of entries) {
    if (await isSpecial(directory, entry)) throw damaged(directory, `${entry.name} is no file`);
  }
}

/** A FIFO, device or socket, or a link to one: RocksDB might read it for ever. */
async function isSpecial(directory: string, entry: Dirent): Promise<boolean> {
  if (entry.isFile() || entry.isDirectory()) return false;
  // Where a link leads nowhere, RocksDB says so.
  const found = await stat(join(directory, entry.name)).catch(() => undefined);
  return found !== undefined && !found.isFile() && !found.isDirectory();
}

function damaged(directory: string, how: string): RaftError {
  return new RaftError('DATABASE_CORRUPT', `database ${directory} can't be opened: ${how}`);
}
