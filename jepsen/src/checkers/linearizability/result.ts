import type { Explanation } from './explanation.js';

/** What a check took. */
export interface LinearizabilityStatistics {
  /** Operations that may have taken effect. */
  readonly operations: number;
  /** Parts of the model that were checked independently, such as keys. */
  readonly partitions: number;
  /** Times that the model was asked for a step. */
  readonly steps: number;
  /** Configurations that were met. */
  readonly configurations: number;
  /** The most that was remembered at once. */
  readonly peakMemoryBytes: number;
}

/** Why there is no verdict. */
export type UnknownReason =
  /** `maxSteps` was reached. */
  | 'steps'
  /** `maxDurationMs` was reached. */
  | 'time'
  /** `maxMemoryBytes` was reached. */
  | 'memory'
  /** The signal was aborted. */
  | 'aborted';

export type LinearizabilityResult = { readonly statistics: LinearizabilityStatistics } & (
  | { readonly verdict: 'ok' }
  | { readonly verdict: 'illegal'; readonly explanation: Explanation }
  | { readonly verdict: 'unknown'; readonly reason: UnknownReason }
);
