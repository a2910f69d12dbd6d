import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  availability,
  binOf,
  binsFor,
  latencyQuantiles,
  occupied,
  returnsByOutcome,
} from './bins.js';
import { drawnOperations, drawnScale } from './drawn-operations.test.support.js';
import type { Operations } from './operations.js';

const most = fc.integer({ min: 2, max: 60 });

/** Those that returned in this bin. */
function returnedIn(operations: Operations, isIn: (atUs: number) => boolean): readonly number[] {
  return [...operations.byReturn].filter((at) => isIn(operations.toUs[at] ?? 0));
}

describe('bins', () => {
  it('cover the range with few more than asked for', () => {
    fc.assert(
      fc.property(drawnScale, most, (scale, count) => {
        const bins = binsFor(scale, count);
        expect(bins.count).toBeLessThanOrEqual(count + 2);
        expect(binOf(bins, scale.fromUs)).toBe(0);
        expect(binOf(bins, scale.toUs)).toBeLessThan(bins.count);
      }),
    );
  });

  it('count every return once, where it is', () => {
    fc.assert(
      fc.property(drawnOperations, drawnScale, most, (operations, scale, count) => {
        const bins = binsFor(scale, count);
        for (const [outcome, counts] of returnsByOutcome(operations, bins).entries()) {
          for (const [bin, counted] of counts.entries()) {
            const expected = returnedIn(operations, (at) => binOf(bins, at) === bin);
            const ofOutcome = expected.filter((at) => operations.outcome[at] === outcome);
            expect(counted).toBe(ofOutcome.length);
          }
        }
      }),
    );
  });

  it('tell which share was answered', () => {
    const counts = [
      Uint32Array.of(3, 0, 0, 4),
      Uint32Array.of(1, 0, 2, 0),
      Uint32Array.of(0, 0, 0, 0),
    ];
    expect([...availability(counts)]).toEqual([0.75, Number.NaN, 0, 1]);
  });

  it('tell quantiles of latency to 5 %', () => {
    const quantile = fc.constantFrom(0.5, 0.9, 0.99, 1);
    fc.assert(
      fc.property(drawnOperations, drawnScale, quantile, (operations, scale, share) => {
        const bins = binsFor(scale, 5);
        const [estimates = new Float64Array()] = latencyQuantiles(operations, bins, [share]);
        for (const [bin, estimate] of estimates.entries()) {
          const latencies = returnedIn(operations, (at) => binOf(bins, at) === bin)
            .filter((at) => operations.outcome[at] === 0)
            .map((at) => Math.max(1, (operations.toUs[at] ?? 0) - (operations.fromUs[at] ?? 0)))
            .sort((a, b) => a - b);
          const exact = latencies[Math.max(1, Math.ceil(latencies.length * share)) - 1];
          if (exact === undefined) expect(estimate).toBeNaN();
          else {
            expect(estimate).toBeGreaterThanOrEqual(exact * 0.999);
            expect(estimate).toBeLessThanOrEqual(exact * 1.051);
          }
        }
      }),
    );
  });

  it('put many points on a place once', () => {
    const point = fc.tuple(
      fc.double({ min: -5, max: 25, noNaN: true }),
      fc.double({ min: -5, max: 15, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(point), (points) => {
        const places = occupied(points, 20, 10).map(([x, y]) => `${x},${y}`);
        const expected = points
          .filter(([x, y]) => x >= 0 && x < 20 && y >= 0 && y < 10)
          .map(([x, y]) => `${Math.floor(x)},${Math.floor(y)}`);
        expect(new Set(places)).toEqual(new Set(expected));
        expect(new Set(places).size).toBe(places.length);
      }),
    );
  });
});
