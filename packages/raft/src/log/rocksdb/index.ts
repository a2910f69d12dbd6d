/** What needs RocksDB's native module: a durable log, and the database under it. */
export type { RocksBatch } from '../../rocksdb/batch.js';
export { RocksDatabase } from '../../rocksdb/database.js';
export type { RocksDatabaseOptions } from '../../rocksdb/database-options.js';
export { freeDiskBytes, isDiskFull } from '../../rocksdb/disk-space.js';
export { isOutOfFiles } from '../../rocksdb/out-of-files.js';
export type { RangeOptions, RocksRange, RocksRow } from '../../rocksdb/range.js';
export { countTables } from '../../rocksdb/tables.js';
export { UnchangedDatabase } from '../../rocksdb/unchanged-database.js';
export { finishReplacing } from '../../snapshot/replace-directory.js';
export {
  RocksSnapshotReceiver,
  type RocksSnapshotReceiverOptions,
} from '../../snapshot/rocksdb/rocks-snapshot-receiver.js';
export { RocksSnapshotRows } from '../../snapshot/rocksdb/rocks-snapshot-rows.js';
export {
  RocksSnapshotSupply,
  type RocksSnapshotSupplyOptions,
} from '../../snapshot/rocksdb/rocks-snapshot-supply.js';
export { logPath, makeDirectory } from './data-directory.js';
export { FileDamaged, type FileRecord, readRecord, writeRecord } from './durable-file.js';
export {
  type ForcedRecoveryResult,
  type ForceRecoveryOptions,
  forceRecovery,
} from './force-recovery.js';
export { type FoundFromSnapshotOptions, foundFromSnapshot } from './found-from-snapshot.js';
export { keepAside, removeOldestAside } from './keep-aside.js';
export type { RocksLogStoreOptions } from './log-options.js';
export { RocksLogStore } from './rocks-log-store.js';
export { UnchangedLog } from './unchanged-log.js';
