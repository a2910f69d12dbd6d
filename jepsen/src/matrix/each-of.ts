/**
 * Does something with each of the items, so many at a time, in their order. Ends all with the first that fails, or
 * with the signal, and rejects with its reason once none is under way any more.
 */
export async function eachOf<Item>(
  items: readonly Item[],
  jobs: number,
  signal: AbortSignal,
  work: (item: Item, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const waiting = [...items];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      either.throwIfAborted();
      await work(item, either);
    }
  };
  const workers = Array.from({ length: jobs }, () =>
    worker().catch((error: unknown) => failed.abort(error)),
  );
  await Promise.all(workers);
  either.throwIfAborted();
}
