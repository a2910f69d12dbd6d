import { RocksDatabase } from 'raft-ts/rocksdb';
import type { OrderedRows } from './ordered-rows.js';

/** Writes that are not in files yet, bytes. */
const DEFAULT_MEMTABLE_BUDGET_BYTES = 64 * 1024 * 1024;
/** Blocks of rows, and their index and filters, bytes. */
const DEFAULT_BLOCK_CACHE_BYTES = 64 * 1024 * 1024;

export interface RocksRowsOptions {
  /** Made when it is missing; held by one process at a time. */
  readonly directory: string;
  /** Bytes. Default 64 MiB. */
  readonly memtableBudgetBytes?: number;
  /** Bytes. Default 64 MiB. */
  readonly blockCacheBytes?: number;
}

/** The rows of an inode store in a RocksDB database; throws RaftError as `RocksDatabase.open`. */
export function openRocksRows(options: RocksRowsOptions): Promise<OrderedRows> {
  return RocksDatabase.open({
    directory: options.directory,
    memtableBudgetBytes: options.memtableBudgetBytes ?? DEFAULT_MEMTABLE_BUDGET_BYTES,
    blockCacheBytes: options.blockCacheBytes ?? DEFAULT_BLOCK_CACHE_BYTES,
  });
}
