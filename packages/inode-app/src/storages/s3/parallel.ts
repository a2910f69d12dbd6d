/**
 * Runs work for each item, so many at a time, as they come. The first failure ends the rest: rejects with it once none
 * is under way any more.
 */
export async function eachInParallel<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  parallel: number,
  signal: AbortSignal,
  work: (item: Item, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failed = new AbortController();
  const giveUp = () => failed.abort(signal.reason);
  signal.addEventListener('abort', giveUp, { once: true });
  const underWay = new Set<Promise<void>>();
  try {
    for await (const item of items) {
      signal.throwIfAborted();
      failed.signal.throwIfAborted();
      const run = work(item, failed.signal)
        .catch((error) => failed.abort(error))
        .finally(() => underWay.delete(run));
      underWay.add(run);
      if (underWay.size >= parallel) await Promise.race(underWay);
    }
  } finally {
    await Promise.all(underWay);
    signal.removeEventListener('abort', giveUp);
  }
  failed.signal.throwIfAborted();
}
