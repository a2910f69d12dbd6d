// What a master may hold in memory. A master stays below what it was given, 400 MB at least, however large the
// tree grows: the sum of these, of the write buffers at their worst (half as much again) and of Node itself.

const MEBIBYTE = 1024 * 1024;

/** What a master needs, bytes, and has unless it is given more. */
export const LEAST_MEMORY_BYTES = 400 * MEBIBYTE;

/** What the tree has of a master's memory. */
export interface TreeMemory {
  /** Inodes on the heap that need no look into the store. */
  readonly inodeCacheEntries: number;
  /** Heap for them, bytes, as estimated. */
  readonly inodeCacheBytes: number;
  /** The filter that knows which names are absent, bytes; a power of two. */
  readonly absenceFilterBytes: number;
  /** Blocks of the store's files, with their index and filters, bytes. */
  readonly blockCacheBytes: number;
}

const INODE_CACHE_ENTRIES = 150_000;
const INODE_CACHE_BYTES = 48 * MEBIBYTE;
const LEAST_TREE_MEMORY: TreeMemory = {
  inodeCacheEntries: INODE_CACHE_ENTRIES,
  inodeCacheBytes: INODE_CACHE_BYTES,
  absenceFilterBytes: 8 * MEBIBYTE,
  blockCacheBytes: 32 * MEBIBYTE,
};
const MAX_ABSENCE_FILTER_BYTES = 1024 * MEBIBYTE;

/**
 * All that a master is given beyond the least is the tree's: an eighth for the filter, as far as that is a power
 * of two, a quarter for inodes, which take up to twice that while the heap is not collected, and three eighths for blocks.
 */
export function treeMemory(memoryBytes: number): TreeMemory {
  const more = Math.max(0, memoryBytes - LEAST_MEMORY_BYTES);
  const { inodeCacheEntries, inodeCacheBytes, absenceFilterBytes, blockCacheBytes } =
    LEAST_TREE_MEMORY;
  const cacheBytes = inodeCacheBytes + more / 4;
  const filterBytes = 2 ** Math.floor(Math.log2(absenceFilterBytes + more / 8));
  return {
    inodeCacheEntries: Math.floor((inodeCacheEntries * cacheBytes) / inodeCacheBytes),
    inodeCacheBytes: Math.floor(cacheBytes),
    absenceFilterBytes: Math.min(MAX_ABSENCE_FILTER_BYTES, filterBytes),
    blockCacheBytes: Math.floor(blockCacheBytes + (more * 3) / 8),
  };
}

/** Blocks of the files of a store that is written once, bytes. */
export const RESTORED_BLOCK_CACHE_BYTES = LEAST_TREE_MEMORY.blockCacheBytes;
/** Writes to the store that are not in files yet, bytes. */
export const STORE_MEMTABLE_BYTES = 24 * MEBIBYTE;
/** Blocks of the log's files, bytes: it is read in order, and seldom. */
export const LOG_BLOCK_CACHE_BYTES = 4 * MEBIBYTE;
/** Writes to the log that are not in files yet, bytes. */
export const LOG_MEMTABLE_BYTES = 24 * MEBIBYTE;

// What those who are connected can make it hold besides, at worst, all together.

/** Beginnings of frames from clients, bytes. */
export const CLIENT_INCOMPLETE_BYTES = 32 * MEBIBYTE;
/** Requests of clients that are being handled, bytes. */
export const CLIENT_INFLIGHT_BYTES = 64 * MEBIBYTE;
/** Answers that clients have not taken, bytes. */
export const CLIENT_UNTAKEN_BYTES = 64 * MEBIBYTE;
/** Beginnings of frames from members, bytes: two of the largest. */
export const MEMBER_INCOMPLETE_BYTES = 64 * MEBIBYTE;

const LEAST_HEAP_MEBIBYTES = 256;

/** Old space of the V8 heap, mebibytes: a bound for what should not happen, not a setting. */
export function heapMebibytes(memoryBytes: number): number {
  const more = Math.max(0, memoryBytes - LEAST_MEMORY_BYTES);
  return LEAST_HEAP_MEBIBYTES + Math.floor(more / 2 / MEBIBYTE);
}
/**
 * Each half of the V8 heap's young space, mebibytes. Twice the default: what thousands of requests
 * under way hold must not be copied with every collection (a tenth more creates at 1,024).
 */
export const YOUNG_HEAP_MEBIBYTES = 32;
/** Places from which the C library hands out memory; each keeps what it was given back. */
export const MALLOC_ARENAS = 2;
