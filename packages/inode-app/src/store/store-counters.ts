/** How reads of edges were answered since the store was opened. */
export interface StoreCounters {
  /** By the overlay or the cache. */
  hits: number;
  /** By the filter: certainly absent, without a read. */
  excluded: number;
  /** By a read on the event loop while a command or query was evaluated: should stay rare. */
  synchronousMisses: number;
  /** Edges read ahead, off the event loop. */
  prefetched: number;
  /** Rounds of reading ahead; each is one batched read. */
  prefetchRounds: number;
}

export function newStoreCounters(): StoreCounters {
  return { hits: 0, excluded: 0, synchronousMisses: 0, prefetched: 0, prefetchRounds: 0 };
}
