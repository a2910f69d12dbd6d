import { JepsenError } from '../../errors.js';
import type { Operation } from '../../histories/operation.js';
import { completeLimits, type LinearizabilityLimits } from './limits.js';
import { LinearizabilityCheck } from './linearizability-check.js';
import type { Model } from './model.js';
import type { LinearizabilityResult } from './result.js';

export interface LinearizabilityOptions extends Partial<LinearizabilityLimits> {
  /** After so long the verdict is unknown, by default a minute. Infinity: see `maxSteps`. */
  readonly maxDurationMs?: number;
}

export interface InterruptibleOptions extends LinearizabilityOptions {
  /** Aborted, it ends within milliseconds; the verdict is then unknown, or illegal if that is certain. */
  readonly signal?: AbortSignal;
}

const DEFAULT_MAX_DURATION_MS = 60_000;
/** Steps between two looks at the clock: a millisecond or a few. */
const STEPS_A_SLICE = 20_000;

/**
 * Whether every operation can have taken effect at one moment between its call and its return, as
 * the model would have it (Herlihy and Wing, Linearizability, 1990). Operations of unknown outcome
 * may take effect at any time after their calls, or never; failed ones never do.
 *
 * Works in one go. With `maxDurationMs: Infinity` the result is a function of the arguments.
 *
 * @throws JepsenError HISTORY_INVALID, OPTIONS_INVALID
 */
export function checkLinearizability<State, Input, Output>(
  model: Model<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
  options: LinearizabilityOptions = {},
): LinearizabilityResult {
  const slices = checkInSlices(model, operations, options);
  for (;;) {
    const { done, value } = slices.next();
    if (done === true) return value;
  }
}

/**
 * `checkLinearizability` for programs that do other things meanwhile: it lets them run every few
 * milliseconds.
 *
 * @throws JepsenError HISTORY_INVALID, OPTIONS_INVALID
 */
export async function checkLinearizabilityInSlices<State, Input, Output>(
  model: Model<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
  options: InterruptibleOptions = {},
): Promise<LinearizabilityResult> {
  const slices = checkInSlices(model, operations, options);
  for (;;) {
    const { done, value } = slices.next();
    if (done === true) return value;
    await new Promise<void>((resume) => setImmediate(resume));
  }
}

/** Pauses every few milliseconds. */
function* checkInSlices<State, Input, Output>(
  model: Model<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
  { signal, maxDurationMs = DEFAULT_MAX_DURATION_MS, ...limits }: InterruptibleOptions,
): Generator<undefined, LinearizabilityResult> {
  if (!(maxDurationMs > 0)) {
    throw new JepsenError(
      'OPTIONS_INVALID',
      `maxDurationMs is ${maxDurationMs}, and must be above 0`,
    );
  }
  const deadlineMs = performance.now() + maxDurationMs;
  const check = new LinearizabilityCheck(model, operations, completeLimits(limits));
  while (signal?.aborted !== true) {
    const result = check.run(STEPS_A_SLICE);
    if (result !== undefined) return result;
    if (performance.now() >= deadlineMs) return check.stop('time');
    yield;
  }
  return check.stop('aborted');
}
