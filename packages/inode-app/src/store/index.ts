/** The namespace as a state machine, for simulations, measurements and masters of one's own. */

export type { MountedTree } from '../namespace/mounts/mounted-tree.js';
export { encodeCommand } from '../namespace/operations/command-codec.js';
export type { NamespaceCommand, Operation } from '../namespace/operations/operation-table.js';
export {
  encodeQuery,
  type FoundBy,
  type NamespaceQuery,
  parseAnswer,
  type QueryKind,
  type QueryOf,
} from '../namespace/queries/query-table.js';
export { NO_ATTRIBUTES } from '../namespace/tree/attributes.js';
export { type ByteString, byteString } from '../namespace/tree/byte-string.js';
export { type Inode, InodeType } from '../namespace/tree/inode.js';
export { CLIENT_CONNECTIONS, keptFiles, MIN_CLIENTS, TABLES_CHECK_MS } from './kept-files.js';
export { MemoryRows } from './memory-rows.js';
export {
  NamespaceMachine,
  type NamespaceMachineOptions,
  type NamespaceStatistics,
} from './namespace-machine.js';
export type { OrderedRows, Row, RowBatch, RowRange, RowRangeOptions } from './ordered-rows.js';
export { openRocksRows, type RocksRowsOptions } from './rocksdb-rows.js';
export { isCommitsKey } from './row-keys.js';
