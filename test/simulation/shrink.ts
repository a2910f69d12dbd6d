import fc from 'fast-check';
import { type RunRequest, type RunResult, simulate } from './simulation.js';

export interface ShrinkLimits {
  /** Runs that may be made. */
  readonly maxRuns: number;
  readonly maxMs: number;
}

export const defaultShrinkLimits: ShrinkLimits = { maxRuns: 300, maxMs: 120_000 };

/** What was found out about a failed run. */
export interface Shrunk {
  /** A run with the fewest faults found that breaks the same property. */
  readonly result: RunResult;
  /** Runs that were made to find it. */
  readonly runs: number;
  /** Whether the same request failed in the same way again. */
  readonly repeatable: boolean;
}

/**
 * Looks for few faults of a failed run's schedule that still break the same property under the same
 * seed; fast-check leaves out one part after the other. Faults later than the failure go at once.
 */
export async function shrink(
  request: RunRequest,
  failed: RunResult,
  onProgress: (faults: number, runs: number) => void = () => {},
  { maxRuns, maxMs }: ShrinkLimits = defaultShrinkLimits,
): Promise<Shrunk> {
  const { violation } = failed;
  const struck = failed.schedule.filter(({ atMs }) => atMs <= (violation?.atMs ?? 0));
  const numbers = struck.map(({ number }) => number);
  const deadlineMs = performance.now() + maxMs;
  let best = failed;
  let runs = 0;
  let repeatable = false;
  const property = fc.asyncProperty(fc.subarray(numbers), async (faults) => {
    if (runs >= maxRuns || performance.now() > deadlineMs) return;
    runs++;
    const result = await simulate({ ...request, faults });
    if (result.violation?.property !== violation?.property) return;
    repeatable = true;
    best = result;
    onProgress(faults.length, runs);
    throw new Error('the same property is violated');
  });
  await fc.check(property, { examples: [[numbers]], numRuns: 1 });
  return { result: best, runs, repeatable };
}
