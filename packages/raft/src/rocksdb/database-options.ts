import { availableParallelism } from 'node:os';
import {
  completeOptions,
  type OptionsForm,
  text,
  wholeNumber,
  yesOrNo,
} from '@raft-ts/net/options';
import { optionsInvalid } from '../errors.js';
import type { NativeOpenOptions } from './native-binding.js';

/** Write memory when nothing else is said, bytes. */
const DEFAULT_MEMTABLE_BUDGET_BYTES = 64 * 1024 * 1024;
/** Block cache when nothing else is said, bytes. */
const DEFAULT_BLOCK_CACHE_BYTES = 32 * 1024 * 1024;

/** What RocksDB may be given of memory. */
export const budgetBytes = wholeNumber(1024 * 1024, 2 ** 32 - 1);

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
  /**
   * Merges first what ranges of deleted rows cover, and so gives the disk back sooner: for rows that
   * are written and deleted in the order of their keys. Default false.
   */
  readonly reclaimFirst?: boolean;
}

const optionsForm: OptionsForm<
  RocksDatabaseOptions,
  Required<Omit<RocksDatabaseOptions, 'directory'>>
> = {
  fields: {
    directory: text,
    memtableBudgetBytes: budgetBytes,
    blockCacheBytes: budgetBytes,
    reclaimFirst: yesOrNo,
  },
  defaults: {
    memtableBudgetBytes: DEFAULT_MEMTABLE_BUDGET_BYTES,
    blockCacheBytes: DEFAULT_BLOCK_CACHE_BYTES,
    reclaimFirst: false,
  },
};

/** What the binding is opened with; throws OPTIONS_INVALID. */
export function nativeOptions(options: RocksDatabaseOptions): NativeOpenOptions {
  const { memtableBudgetBytes, blockCacheBytes, reclaimFirst } = completeOptions(
    optionsForm,
    options,
    optionsInvalid,
  );
  return {
    createIfMissing: true,
    memtableMemoryBudget: memtableBudgetBytes,
    compaction: 'level',
    ...(reclaimFirst ? { compactionPriority: 'byCompensatedSize' as const } : {}),
    cacheSize: blockCacheBytes,
    cacheIndexAndFilterBlocks: true,
    walCompression: false,
    compression: false,
    parallelism: Math.max(1, availableParallelism() >> 1),
  };
}
