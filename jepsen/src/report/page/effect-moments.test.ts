import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawnOperations } from './drawn-operations.test.support.js';
import { effectMoments } from './effect-moments.js';

describe('effectMoments', () => {
  it('places every operation of a right order between its call and its return', () => {
    const shares = fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true }));
    fc.assert(
      fc.property(drawnOperations, shares, (operations, stream) => {
        // An order is right if each took effect at some moment within.
        const effects = Array.from({ length: operations.count }, (_, at) => {
          const [from, to] = [operations.fromUs[at] ?? 0, operations.toUs[at] ?? 0];
          return { at, moment: from + (to - from) * (stream.next().value ?? 0) };
        });
        const order = effects.sort((a, b) => a.moment - b.moment).map(({ at }) => at);
        const moments = effectMoments(order, operations);
        for (const [place, at] of order.entries()) {
          const moment = moments[place] ?? -1;
          expect(moment).toBeGreaterThanOrEqual(operations.fromUs[at] ?? 0);
          expect(moment).toBeLessThanOrEqual(operations.toUs[at] ?? 0);
          expect(moment).toBeGreaterThanOrEqual(moments[place - 1] ?? 0);
        }
      }),
    );
  });
});
