import type { EffectiveOperation, Operation } from '../../histories/operation.js';

/** What the brute force needs to know: the plainest description of a system there is. */
export interface PlainModel<State, Input, Output> {
  init(): State;
  step(state: State, operation: EffectiveOperation<Input, Output>): State | undefined;
}

/**
 * Whether a history is linearizable, by trying all orders: the definition, for small histories,
 * to compare the checker with.
 */
export function isLinearizableByForce<State, Input, Output>(
  model: PlainModel<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
): boolean {
  const effective = operations.filter((operation) => operation.outcome !== 'failed');
  return canPlace(model, model.init(), effective, Number.NEGATIVE_INFINITY);
}

function canPlace<State, Input, Output>(
  model: PlainModel<State, Input, Output>,
  state: State,
  left: readonly EffectiveOperation<Input, Output>[],
  /** What is placed takes effect now or later. */
  now: number,
): boolean {
  const ends = left.map((operation) =>
    operation.outcome === 'done' ? operation.returnedAt : Number.POSITIVE_INFINITY,
  );
  const firstEnd = Math.min(...ends);
  if (firstEnd === Number.POSITIVE_INFINITY) return true;
  return left.some((operation) => {
    if (operation.invokedAt > firstEnd) return false;
    const isOver = operation.outcome === 'unknown' && (operation.latestAt ?? now) < now;
    if (isOver) return false;
    const next = model.step(state, operation);
    const rest = left.filter((other) => other !== operation);
    return next !== undefined && canPlace(model, next, rest, Math.max(now, operation.invokedAt));
  });
}
