/** What one step of a bench found. */
export interface Figures {
  readonly opsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/**
 * Keeps `outstanding` operations going for `seconds`, or until something is over, after `warmUpSeconds` that do not
 * count. `operation` is given a number that is never given twice.
 */
export async function measure(
  outstanding: number,
  warmUpSeconds: number,
  seconds: number | (() => boolean),
  operation: (n: number) => Promise<unknown>,
): Promise<Figures> {
  const begin = performance.now() + warmUpSeconds * 1000;
  const isOver =
    typeof seconds === 'number' ? (atMs: number) => atMs >= begin + seconds * 1000 : seconds;
  const latencies: number[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (;;) {
      const started = performance.now();
      if (isOver(started)) return;
      await operation(next++);
      const finished = performance.now();
      if (finished >= begin && !isOver(finished)) latencies.push(finished - started);
    }
  };
  await Promise.all(Array.from({ length: outstanding }, worker));
  const measuredSeconds =
    typeof seconds === 'number' ? seconds : (performance.now() - begin) / 1000;
  latencies.sort((a, b) => a - b);
  return {
    opsPerSecond: Math.round(latencies.length / measuredSeconds),
    p50Ms: rounded(latencies[Math.floor(latencies.length * 0.5)]),
    p99Ms: rounded(latencies[Math.floor(latencies.length * 0.99)]),
  };
}

function rounded(ms: number | undefined): number {
  return ms === undefined ? Number.NaN : Math.round(ms * 100) / 100;
}
