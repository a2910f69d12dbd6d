/** What needs RocksDB's native module: a durable log, and the database under it. */
export type { RocksBatch } from '../../rocksdb/batch.js';
export {
  DEFAULT_BLOCK_CACHE_BYTES,
  DEFAULT_MEMTABLE_BUDGET_BYTES,
  RocksDatabase,
  type RocksDatabaseOptions,
} from '../../rocksdb/database.js';
export { freeDiskBytes, isDiskFull } from '../../rocksdb/disk-space.js';
export {
  DEFAULT_PAGE_BYTES,
  DEFAULT_PAGE_ROWS,
  type RangeOptions,
  type RocksRange,
  type RocksRow,
} from '../../rocksdb/range.js';
export { makeDirectory } from './data-directory.js';
export { FileDamaged, type FileRecord, readRecord, writeRecord } from './durable-file.js';
export {
  type ForcedRecoveryResult,
  type ForceRecoveryOptions,
  forceRecovery,
} from './force-recovery.js';
export type { RocksLogStoreOptions } from './log-options.js';
export { RocksLogStore } from './rocks-log-store.js';
