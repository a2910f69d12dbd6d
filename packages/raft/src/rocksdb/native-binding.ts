import { createRequire } from 'node:module';
import { RaftError } from '../errors.js';

/** Options of `db_open` that this package uses. Others exist; see docs/decisions. */
export interface NativeOpenOptions {
  readonly createIfMissing: boolean;
  /** Bounds write memory only together with `compaction: 'level'`. */
  readonly memtableMemoryBudget: number;
  readonly compaction: 'level';
  /** Left out, tables go first that overlap least with those that they are merged with. */
  readonly compactionPriority?: 'byCompensatedSize';
  /** Block cache, bytes; an unsigned 32-bit number. */
  readonly cacheSize: number;
  readonly cacheIndexAndFilterBlocks: boolean;
  readonly walCompression: boolean;
  /** Trains a dictionary for zstd; whether zstd is used at all is up to `compaction`. */
  readonly compression: boolean;
  /** Threads for flushes and compactions. */
  readonly parallelism: number;
}

export interface NativeReadOptions {
  /** The binding reads any six-letter word as "buffer" and everything else as "string". */
  readonly valueEncoding: 'buffer';
  readonly fillCache?: boolean;
}

export interface NativeIteratorOptions extends NativeReadOptions {
  /** Left out, the binding reads an uninitialized variable. */
  readonly keyEncoding: 'buffer';
  /** False: undefined in their place. */
  readonly keys: boolean;
  readonly gte?: Uint8Array;
  readonly lt?: Uint8Array;
  /** A page ends once keys and values exceed this; at most 2^31 - 1. */
  readonly highWaterMarkBytes: number;
}

export interface NativeRows {
  /** Keys at even places, values at odd ones. */
  readonly rows: readonly (Buffer | undefined)[];
  readonly finished: boolean;
}

declare const databaseBrand: unique symbol;
declare const batchBrand: unique symbol;
declare const iteratorBrand: unique symbol;
export type NativeDatabase = { readonly [databaseBrand]: true };
export type NativeBatch = { readonly [batchBrand]: true };
export type NativeIterator = { readonly [iteratorBrand]: true };

type NativeCallback<Result> = (error: Error | null, result: Result) => void;

/**
 * The functions of @nxtedition/rocksdb's native module that this package calls. They are not a
 * documented interface: the version is pinned, and database.test.ts calls each of them.
 *
 * Called on a database that is not open, or on a closed iterator, they end the process with a
 * segmentation fault. Nothing but database.ts may call them.
 */
export interface NativeBinding {
  /** A path makes a new database object; a handle gives the one that another thread has open. */
  db_init(pathOrHandle: string | bigint): NativeDatabase;
  db_open(
    database: NativeDatabase,
    options: NativeOpenOptions,
    callback: NativeCallback<unknown>,
  ): void;
  db_close(database: NativeDatabase, callback: NativeCallback<unknown>): void;
  db_get_handle(database: NativeDatabase): bigint;
  /** Null where the read was cut short, which happens only with options not used here. */
  db_get_many_sync(
    database: NativeDatabase,
    keys: readonly Uint8Array[],
    options: NativeReadOptions,
  ): (Buffer | undefined | null)[];
  db_get_many(
    database: NativeDatabase,
    keys: readonly Uint8Array[],
    options: NativeReadOptions,
    callback: NativeCallback<(Buffer | undefined | null)[]>,
  ): void;
  /** With both bounds and no limit: one range tombstone, not synced. */
  db_clear(
    database: NativeDatabase,
    options: { readonly gte: Uint8Array; readonly lt: Uint8Array },
  ): void;
  iterator_init(database: NativeDatabase, options: NativeIteratorOptions): NativeIterator;
  iterator_nextv(
    iterator: NativeIterator,
    rows: number,
    callback: NativeCallback<NativeRows>,
  ): void;
  iterator_nextv_sync(iterator: NativeIterator, rows: number): NativeRows;
  iterator_close(iterator: NativeIterator): void;
  batch_init(): NativeBatch;
  batch_put(batch: NativeBatch, key: Uint8Array, value: Uint8Array, options: undefined): void;
  batch_del(batch: NativeBatch, key: Uint8Array, options: undefined): void;
  batch_clear(batch: NativeBatch): void;
  batch_write(
    database: NativeDatabase,
    batch: NativeBatch,
    options: { readonly sync: boolean },
  ): void;
}

let loaded: NativeBinding | undefined;

/** Loads the native module once; DATABASE_FAILED when there is none for this machine. */
export function loadNativeBinding(): NativeBinding {
  if (loaded !== undefined) return loaded;
  try {
    const require = createRequire(import.meta.url);
    loaded = require('@nxtedition/rocksdb/binding.js') as NativeBinding;
    return loaded;
  } catch (cause) {
    throw new RaftError(
      'DATABASE_FAILED',
      `the RocksDB binding can't be loaded on ${process.platform}-${process.arch}. It is built ` +
        'for Linux on x86-64 (glibc 2.34 or newer, a processor with AVX2 and BMI2) and macOS on ' +
        'arm64; elsewhere it has to be compiled when it is installed.',
      { cause },
    );
  }
}
