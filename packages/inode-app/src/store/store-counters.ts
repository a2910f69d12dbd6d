/** How reads of edges were answered since the store was opened. */
export type StoreCounters = ReturnType<typeof newStoreCounters>;

export function newStoreCounters() {
  return {
    /** By the overlay or the cache. */
    hits: 0,
    /** By the filter: certainly absent, without a read. */
    excluded: 0,
    /** By a read on the event loop while a command or query was evaluated: should stay rare. */
    synchronousMisses: 0,
    /** Edges read ahead, off the event loop. */
    prefetched: 0,
    /** Rounds of reading ahead; each is one batched read. */
    prefetchRounds: 0,
  };
}
