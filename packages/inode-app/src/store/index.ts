/** The namespace as a state machine, for simulations, measurements and masters of one's own. */
export { NO_ATTRIBUTES } from '../namespace/attributes.js';
export type { NamespaceCommand, NamespaceQuery, Operation } from '../namespace/operation.js';
export { encodeCommand } from '../namespace/operation-codec.js';
export { encodeQuery, parseAnswer } from '../namespace/query-codec.js';
export { MemoryRows } from './memory-rows.js';
export {
  NamespaceMachine,
  type NamespaceMachineOptions,
  type NamespaceStatistics,
} from './namespace-machine.js';
export type { OrderedRows, Row, RowBatch, RowRange, RowRangeOptions } from './ordered-rows.js';
export { openRocksRows, type RocksRowsOptions } from './rocksdb-rows.js';
