export type { RocksBatch } from './batch.js';
export {
  DEFAULT_BLOCK_CACHE_BYTES,
  DEFAULT_MEMTABLE_BUDGET_BYTES,
  RocksDatabase,
  type RocksDatabaseOptions,
} from './database.js';
export {
  DEFAULT_PAGE_BYTES,
  DEFAULT_PAGE_ROWS,
  type RangeOptions,
  type RocksRange,
  type RocksRow,
} from './range.js';
