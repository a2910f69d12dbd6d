// What a master may hold in memory. A master stays below 400 MB however large the tree grows: the
// sum of these, of the write buffers at their worst (half as much again) and of Node itself.

const MEBIBYTE = 1024 * 1024;

/** Inodes on the heap that need no look into the store. */
export const INODE_CACHE_ENTRIES = 150_000;
/** Heap for them, bytes, as estimated. */
export const INODE_CACHE_BYTES = 48 * MEBIBYTE;
/** The filter that knows which names are absent, bytes; a power of two. */
export const ABSENCE_FILTER_BYTES = 8 * MEBIBYTE;
/** Blocks of the store's files, with their index and filters, bytes. */
export const STORE_BLOCK_CACHE_BYTES = 32 * MEBIBYTE;
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

/** Old space of the V8 heap, mebibytes: a bound for what should not happen, not a setting. */
export const HEAP_MEBIBYTES = 256;
/**
 * Each half of the V8 heap's young space, mebibytes. Twice the default: what thousands of requests
 * under way hold must not be copied with every collection (a tenth more creates at 1,024).
 */
export const YOUNG_HEAP_MEBIBYTES = 32;
/** Places from which the C library hands out memory; each keeps what it was given back. */
export const MALLOC_ARENAS = 2;
