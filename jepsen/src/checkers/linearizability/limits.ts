import { JepsenError } from '../../errors.js';

/** What a check may cost. When one of them is reached, the verdict is unknown. */
export interface LinearizabilityLimits {
  /** Times that the model is asked for a step. The only limit that makes no run unlike another. */
  readonly maxSteps: number;
  /**
   * Steps that a check may take, once the verdict is illegal, to find out how far the history can
   * be explained and which few operations contradict each other. 0: the verdict is all.
   */
  readonly maxExplanationSteps: number;
  /** Bytes for what the search remembers; the operations themselves are not counted. */
  readonly maxMemoryBytes: number;
}

const defaultLimits: LinearizabilityLimits = {
  maxSteps: 1_000_000_000,
  maxExplanationSteps: 2_000_000,
  maxMemoryBytes: 256 * 1024 * 1024,
};

/** @throws JepsenError OPTIONS_INVALID */
export function completeLimits(limits: Partial<LinearizabilityLimits>): LinearizabilityLimits {
  const complete = { ...defaultLimits, ...limits };
  const { maxSteps, maxExplanationSteps, maxMemoryBytes } = complete;
  if (maxSteps > 0 && maxMemoryBytes > 0 && maxExplanationSteps >= 0) return complete;
  throw new JepsenError(
    'OPTIONS_INVALID',
    `no limits: maxSteps ${maxSteps}, maxMemoryBytes ${maxMemoryBytes}, ` +
      `maxExplanationSteps ${maxExplanationSteps}`,
  );
}
