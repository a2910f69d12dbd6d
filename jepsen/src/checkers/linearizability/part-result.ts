import type { Findings } from './find-contradiction.js';
import type { UnknownReason } from './result.js';

/** What became of one independent part of a history. Plain data: it comes from other threads. */
export type PartResult<Input, Output> = {
  /** Times that the model was asked for a step. */
  readonly steps: number;
  readonly peakMemoryBytes: number;
} & (
  | {
      readonly verdict: 'ok';
      /** The calls of what takes effect, from the first on: their `invokedAt`. */
      readonly order: readonly number[];
    }
  | { readonly verdict: 'illegal'; readonly findings: Findings<Input, Output> }
  | {
      readonly verdict: 'unknown';
      readonly reason: UnknownReason;
      /** The return up to which an order for everything was found, at most. */
      readonly reachedAt: number | undefined;
    }
);

/** What the check of one part may cost. */
export interface PartLimits {
  readonly maxSteps: number;
  readonly maxExplanationSteps: number;
  readonly maxMemoryBytes: number;
  readonly maxDurationMs: number;
}
