/** The namespace as a state machine, for simulations, measurements and masters of one's own. */

export type {
  NamespaceCommand,
  NamespaceQuery,
  Operation,
} from '../namespace/operations/operation.js';
export { encodeCommand } from '../namespace/operations/operation-codec.js';
export { encodeQuery, parseAnswer } from '../namespace/queries/query-codec.js';
export { NO_ATTRIBUTES } from '../namespace/tree/attributes.js';
export { MemoryRows } from './memory-rows.js';
export {
  NamespaceMachine,
  type NamespaceMachineOptions,
  type NamespaceStatistics,
} from './namespace-machine.js';
export type { OrderedRows, Row, RowBatch, RowRange, RowRangeOptions } from './ordered-rows.js';
export { openRocksRows, type RocksRowsOptions } from './rocksdb-rows.js';
