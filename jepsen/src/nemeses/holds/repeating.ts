import type { Hold } from './hold.js';

/** Does it again and again until it is released; what went wrong meanwhile is thrown then. */
export function repeating(round: (signal: AbortSignal) => Promise<void>): Hold {
  const over = new AbortController();
  const rounds = repeat(round, over.signal);
  // It is awaited at the release, which may come much later than a failure.
  rounds.catch(() => undefined);
  return {
    release: async () => {
      over.abort();
      await rounds;
    },
  };
}

async function repeat(
  round: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) await round(signal);
}
