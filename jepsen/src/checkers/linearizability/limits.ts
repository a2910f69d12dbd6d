import { JepsenError } from '../../errors.js';

/** What a check may cost. When one of them is reached, the verdict is unknown. */
export interface LinearizabilityLimits {
  /** Times that the model is asked for a step. The only limit that makes no run unlike another. */
  readonly maxSteps: number;
  /** Bytes for what the search remembers; the operations themselves are not counted. */
  readonly maxMemoryBytes: number;
}

export const defaultLinearizabilityLimits: LinearizabilityLimits = {
  maxSteps: 1_000_000_000,
  maxMemoryBytes: 256 * 1024 * 1024,
};

/** @throws JepsenError OPTIONS_INVALID */
export function completeLimits(limits: Partial<LinearizabilityLimits>): LinearizabilityLimits {
  const complete = { ...defaultLinearizabilityLimits, ...limits };
  for (const name of ['maxSteps', 'maxMemoryBytes'] as const) {
    if (complete[name] > 0) continue;
    throw new JepsenError('OPTIONS_INVALID', `${name} is ${complete[name]}, and must be above 0`);
  }
  return complete;
}
