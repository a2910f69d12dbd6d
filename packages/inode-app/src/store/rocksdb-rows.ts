import { RocksDatabase, type RocksDatabaseOptions } from 'raft-ts/rocksdb';

/** Blocks of rows, and their index and filters, bytes. */
const DEFAULT_BLOCK_CACHE_BYTES = 64 * 1024 * 1024;

/** Both budgets are 64 MiB by default. */
export type RocksRowsOptions = RocksDatabaseOptions;

/** The rows of an inode store in a RocksDB database; throws RaftError as `RocksDatabase.open`. */
export function openRocksRows({
  blockCacheBytes = DEFAULT_BLOCK_CACHE_BYTES,
  ...options
}: RocksRowsOptions): Promise<RocksDatabase> {
  return RocksDatabase.open({ ...options, blockCacheBytes });
}
