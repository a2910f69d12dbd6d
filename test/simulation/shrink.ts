import fc from 'fast-check';
import { type RunRequest, type RunResult, simulate } from './simulation.js';

export interface ShrinkLimits {
  /** Runs that may be made. */
  readonly maxRuns: number;
  readonly maxMs: number;
}

const defaultShrinkLimits: ShrinkLimits = { maxRuns: 600, maxMs: 120_000 };

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
  const deadlineMs = performance.now() + maxMs;
  let numbers = struck.map(({ number }) => number);
  let best = failed;
  let runs = 0;
  let repeatable = false;
  const isOver = () => runs >= maxRuns || performance.now() > deadlineMs;

  /** Leaves out from the front of `order` first. */
  async function pass(order: readonly number[]): Promise<void> {
    const property = fc.asyncProperty(fc.subarray([...order]), async (faults) => {
      if (isOver()) return;
      onProgress(numbers.length, ++runs);
      const result = await simulate({ ...request, faults });
      if (result.violation?.property !== violation?.property) return;
      repeatable = true;
      best = result;
      numbers = [...faults].sort((a, b) => a - b);
      throw new Error('the same property is violated');
    });
    await fc.check(property, { examples: [[[...order]]], numRuns: 1 });
  }

  // The last faults first: often it was too late for them. Then from the front, in turns.
  for (let before = Number.POSITIVE_INFINITY; numbers.length < before && !isOver(); ) {
    before = numbers.length;
    await pass([...numbers].reverse());
    if (numbers.length > 0 && !isOver()) await pass(numbers);
  }
  return { result: best, runs, repeatable };
}
