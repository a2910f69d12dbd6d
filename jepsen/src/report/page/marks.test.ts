import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawnOperations, drawnScale, operationsFrom } from './drawn-operations.test.support.js';
import { packLanes } from './lanes.js';
import { laneMarks, Mark, operationAt, pixelsOf } from './marks.js';
import { xOf } from './time-scale.js';

const drawn = fc.tuple(
  drawnOperations,
  drawnScale,
  fc.infiniteStream(fc.integer({ min: 1, max: 5 })),
);

describe('laneMarks', () => {
  it('hides no operation behind one that matters less', () => {
    fc.assert(
      fc.property(drawn, ([operations, scale, stream]) => {
        const marks = Uint8Array.from({ length: operations.count }, () => stream.next().value);
        for (const lane of packLanes(operations).operations) {
          const { bars, runs } = laneMarks(lane, operations, marks, scale);
          for (const at of lane) {
            const isVisible =
              (operations.toUs[at] ?? 0) >= scale.fromUs &&
              (operations.fromUs[at] ?? 0) <= scale.toUs;
            if (!isVisible) {
              expect(bars).not.toContain(at);
              continue;
            }
            if (bars.includes(at)) continue;
            const [from, to] = pixelsOf(at, operations, scale);
            for (let x = from; x < to; x++) {
              const run = runs.find(([left, right]) => left <= x && x < right);
              expect(run?.[2]).toBeGreaterThanOrEqual(marks[at] ?? 0);
            }
          }
        }
      }),
    );
  });

  it('paints no more than there are pixels, nor where nothing is', () => {
    fc.assert(
      fc.property(drawn, ([operations, scale]) => {
        const marks = new Uint8Array(operations.count).fill(Mark.Ok);
        for (const lane of packLanes(operations).operations) {
          const { bars, runs } = laneMarks(lane, operations, marks, scale);
          expect(bars.length).toBeLessThanOrEqual(scale.width / 2 + 1);
          expect(runs.length).toBeLessThanOrEqual(scale.width);
          for (const [from, to] of runs) {
            expect(from).toBeGreaterThanOrEqual(0);
            expect(to).toBeLessThanOrEqual(scale.width);
            for (let x = from; x < to; x++) {
              const covering = lane.some((at) => {
                const [left, right] = pixelsOf(at, operations, scale);
                return left <= x && x < right;
              });
              expect(covering).toBe(true);
            }
          }
        }
      }),
    );
  });

  it('reads no operation that is not shown', () => {
    const calls = Array.from({ length: 100_000 }, (_, at) => ({
      process: 0,
      fromUs: at * 10,
      tookUs: 5,
      outcome: 0,
    }));
    const operations = operationsFrom(calls, 1_000_000);
    const lane = calls.map((_, at) => at);
    let reads = 0;
    const counted = new Proxy(lane, {
      get: (target, name) => {
        reads++;
        return Reflect.get(target, name);
      },
    });
    const scale = { fromUs: 500_000, toUs: 501_000, left: 0, width: 1000 };
    const marks = new Uint8Array(lane.length).fill(Mark.Ok);
    expect(laneMarks(counted, operations, marks, scale).bars.length).toBe(100);
    expect(reads).toBeLessThan(500);
  });
});

describe('operationAt', () => {
  it('finds an operation at its own place, or one there that matters as much', () => {
    fc.assert(
      fc.property(drawn, ([operations, scale, stream]) => {
        const marks = Uint8Array.from({ length: operations.count }, () => stream.next().value);
        for (const lane of packLanes(operations).operations) {
          for (const at of lane) {
            const x = xOf(scale, operations.fromUs[at] ?? 0);
            const found = operationAt(lane, operations, marks, scale, x);
            expect(marks[found ?? -1]).toBeGreaterThanOrEqual(marks[at] ?? 0);
            expect(xOf(scale, operations.fromUs[found ?? -1] ?? 0)).toBeLessThanOrEqual(x + 5);
            expect(xOf(scale, operations.toUs[found ?? -1] ?? 0)).toBeGreaterThanOrEqual(x - 5);
          }
        }
      }),
    );
  });

  it('finds nothing where nothing is near', () => {
    const operations = operationsFrom([{ process: 0, fromUs: 0, tookUs: 10, outcome: 0 }], 1000);
    const scale = { fromUs: 0, toUs: 1000, left: 0, width: 1000 };
    const find = (x: number) => operationAt([0], operations, Uint8Array.of(2), scale, x);
    expect([find(5), find(13), find(20)]).toEqual([0, 0, undefined]);
  });
});
