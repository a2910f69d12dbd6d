import { availableParallelism } from 'node:os';
import { RaftError } from '../errors.js';
import type { NativeOpenOptions } from './native-binding.js';

/** Write memory when nothing else is said, bytes. */
const DEFAULT_MEMTABLE_BUDGET_BYTES = 64 * 1024 * 1024;
/** Block cache when nothing else is said, bytes. */
const DEFAULT_BLOCK_CACHE_BYTES = 32 * 1024 * 1024;

const MIN_BYTES = 1024 * 1024;
const MAX_BYTES = 2 ** 32 - 1;

export interface RocksDatabaseOptions {
  /** Directory; made when it is missing. One process can have it open. */
  readonly directory: string;
  /**
   * Memory for writes that are not yet in files, bytes; at worst one and a half times as much
   * is used. A quarter of it is one memtable; two are flushed together. 1 MiB to 4 GiB - 1.
   */
  readonly memtableBudgetBytes?: number;
  /** Data, index and filter blocks in memory, bytes; 1 MiB to 4 GiB - 1. */
  readonly blockCacheBytes?: number;
}

/** What the binding is opened with; OPTIONS_INVALID for what is no budget. */
export function nativeOptions(options: RocksDatabaseOptions): NativeOpenOptions {
  const budget = options.memtableBudgetBytes ?? DEFAULT_MEMTABLE_BUDGET_BYTES;
  const cache = options.blockCacheBytes ?? DEFAULT_BLOCK_CACHE_BYTES;
  checkBytes('memtableBudgetBytes', budget);
  checkBytes('blockCacheBytes', cache);
  if (options.directory === '') {
    throw new RaftError('OPTIONS_INVALID', 'directory must not be empty');
  }
  return {
    createIfMissing: true,
    memtableMemoryBudget: budget,
    compaction: 'level',
    cacheSize: cache,
    cacheIndexAndFilterBlocks: true,
    walCompression: false,
    compression: false,
    parallelism: Math.max(1, availableParallelism() >> 1),
  };
}

function checkBytes(name: string, value: number): void {
  if (Number.isInteger(value) && value >= MIN_BYTES && value <= MAX_BYTES) return;
  throw new RaftError(
    'OPTIONS_INVALID',
    `${name} must be a whole number of bytes from ${MIN_BYTES} to ${MAX_BYTES}, not ${value}`,
  );
}
