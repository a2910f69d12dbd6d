/** What one step of a bench found. */
export interface Figures {
  readonly opsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/**
 * Keeps `outstanding` operations going for `seconds`, after `warmUpSeconds` that do not count.
 * `operation` is given a number that is never given twice.
 */
export async function measure(
  outstanding: number,
  warmUpSeconds: number,
  seconds: number,
  operation: (n: number) => Promise<unknown>,
): Promise<Figures> {
  const begin = performance.now() + warmUpSeconds * 1000;
  const end = begin + seconds * 1000;
  const latencies: number[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (;;) {
      const started = performance.now();
      if (started >= end) return;
      await operation(next++);
      const finished = performance.now();
      if (finished >= begin && finished < end) latencies.push(finished - started);
    }
  };
  await Promise.all(Array.from({ length: outstanding }, worker));
  latencies.sort((a, b) => a - b);
  return {
    opsPerSecond: Math.round(latencies.length / seconds),
    p50Ms: rounded(latencies[Math.floor(latencies.length * 0.5)]),
    p99Ms: rounded(latencies[Math.floor(latencies.length * 0.99)]),
  };
}

function rounded(ms: number | undefined): number {
  return ms === undefined ? Number.NaN : Math.round(ms * 100) / 100;
}
