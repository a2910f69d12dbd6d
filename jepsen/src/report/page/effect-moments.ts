import type { Operations } from './operations.js';

/**
 * When each operation of an order can have taken effect: not before its call, nor before the one ahead of
 * it in the order. Where the order is right, no moment is behind its operation's return.
 *
 * @param order places of operations
 */
export function effectMoments(order: readonly number[], operations: Operations): Float64Array {
  let moment = 0;
  return Float64Array.from(order, (at) => {
    moment = Math.max(moment, operations.fromUs[at] ?? 0);
    return moment;
  });
}
