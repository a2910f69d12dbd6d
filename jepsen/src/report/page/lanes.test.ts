import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawnOperations } from './drawn-operations.test.support.js';
import { packLanes } from './lanes.js';
import type { Operations } from './operations.js';

/** How many processes were there at once, at most. */
function mostAtOnce(operations: Operations): number {
  const lives = new Map<number, [from: number, to: number]>();
  for (let at = 0; at < operations.count; at++) {
    const [from, to] = [operations.fromUs[at] ?? 0, operations.toUs[at] ?? 0];
    const [first = from, last = to] = lives.get(operations.process[at] ?? 0) ?? [];
    lives.set(operations.process[at] ?? 0, [Math.min(first, from), Math.max(last, to)]);
  }
  const all = [...lives.values()];
  // One that begins at the moment at which another ended follows it.
  const at = (moment: number) =>
    all.filter(([from, to]) => from === moment || (from < moment && moment < to)).length;
  return Math.max(0, ...all.map(([from]) => at(from)));
}

describe('packLanes', () => {
  it('puts every operation in one lane, in the order of calls and without overlap', () => {
    fc.assert(
      fc.property(drawnOperations, (operations) => {
        const lanes = packLanes(operations);
        const seen = lanes.operations.flat().sort((a, b) => a - b);
        expect(seen).toEqual(Array.from({ length: operations.count }, (_, at) => at));
        for (const [lane, places] of lanes.operations.entries()) {
          for (const [place, at] of places.entries()) {
            expect(lanes.laneOf[operations.process[at] ?? 0]).toBe(lane);
            const before = places[place - 1];
            if (before === undefined) continue;
            expect(operations.toUs[before]).toBeLessThanOrEqual(operations.fromUs[at] ?? 0);
          }
        }
      }),
    );
  });

  it('needs no more lanes than there are processes at one time', () => {
    fc.assert(
      fc.property(drawnOperations, (operations) => {
        expect(packLanes(operations).operations.length).toBeLessThanOrEqual(mostAtOnce(operations));
      }),
    );
  });
});
