import type { EffectiveOperation } from '../../histories/operation.js';
import { Costs } from './costs.js';
import type { Model } from './model.js';
import type { PartLimits, PartResult } from './part-result.js';
import { PartitionCheck } from './partition-check.js';
import type { UnknownReason } from './result.js';

/** Steps between two looks at the clock: a millisecond or a few. */
const STEPS_A_SLICE = 20_000;

/**
 * Checks one independent part of a history. Pauses every few milliseconds.
 *
 * @param now milliseconds by a clock that never runs back
 */
export function* checkPart<State, Input, Output>(
  model: Model<State, Input, Output>,
  operations: readonly EffectiveOperation<Input, Output>[],
  { maxSteps, maxExplanationSteps, maxMemoryBytes, maxDurationMs }: PartLimits,
  now: () => number,
): Generator<undefined, PartResult<Input, Output>> {
  const deadlineMs = now() + maxDurationMs;
  const costs = new Costs(maxMemoryBytes);
  const check = new PartitionCheck(undefined, operations, model, costs, {
    maxSteps,
    maxExplanationSteps,
    maxMemoryBytes,
  });
  const spent = () => ({ steps: costs.steps, peakMemoryBytes: costs.peakBytes });
  const unknown = (reason: UnknownReason) => {
    const { reachedAt } = check;
    return { ...spent(), verdict: 'unknown', reason, reachedAt } as const;
  };
  try {
    for (;;) {
      const verdict = check.run(STEPS_A_SLICE);
      const isOver = now() >= deadlineMs;
      const findings = check.findings();
      if (findings !== undefined && (verdict !== undefined || isOver)) {
        return { ...spent(), verdict: 'illegal', findings };
      }
      if (verdict === 'ok') {
        const order = check.order.map(({ invokedAt }) => invokedAt);
        return { ...spent(), verdict, order };
      }
      if (verdict === 'no-memory') return unknown('memory');
      if (isOver) return unknown('time');
      if (findings === undefined && costs.steps >= maxSteps) return unknown('steps');
      yield;
    }
  } finally {
    check.close();
  }
}
