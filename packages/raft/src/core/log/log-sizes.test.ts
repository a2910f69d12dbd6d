import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LogSizes } from './log-sizes.js';

const KIB = 1024;

/** A log behind `base` with entries of these sizes. */
function log(base: number, ...sizes: readonly number[]): LogSizes {
  const made = new LogSizes(base);
  for (const bytes of sizes) made.append(bytes);
  return made;
}

const many = (count: number, bytes: number) => Array.from({ length: count }, () => bytes);

describe('LogSizes', () => {
  it('sums up what is appended, and forgets what is cut off at either end', () => {
    const sizes = log(10, ...many(1000, KIB));
    expect(sizes.bytes).toBe(1000 * KIB);
    sizes.truncateFrom(911);
    expect(sizes.bytes).toBe(900 * KIB);
    sizes.beginAt(110);
    expect(sizes.bytes).toBe(800 * KIB);
    sizes.beginAt(910);
    expect(sizes.bytes).toBe(0);
    sizes.append(7);
    expect([sizes.bytes, sizes.firstWithin(7), sizes.firstWithin(6)]).toEqual([7, 911, 912]);
    sizes.reset(2000);
    expect([sizes.bytes, sizes.firstWithin(100)]).toEqual([0, 2001]);
  });

  it('finds the newest entries that fit', () => {
    const sizes = log(10, ...many(1000, KIB));
    expect(sizes.firstWithin(2000 * KIB)).toBe(11);
    expect(sizes.firstWithin(1000 * KIB)).toBe(11);
    expect(sizes.firstWithin(999 * KIB)).toBe(12);
    expect(sizes.firstWithin(500 * KIB)).toBe(511);
    expect(sizes.firstWithin(0)).toBe(1011);
  });

  it('is the same when it is opened again', () => {
    const sizes = log(10, ...many(600, KIB));
    sizes.beginAt(20);
    const again = LogSizes.of(20, 610, sizes.steps);
    expect([again.bytes, again.firstWithin(300 * KIB)]).toEqual([590 * KIB, 311]);
    again.truncateFrom(600);
    expect(again.bytes).toBe(579 * KIB);
  });

  it('keeps a sum that its steps make up, whatever is done to it', () => {
    const change = fc.oneof(
      fc.nat(400_000).map((bytes) => ({ kind: 'append', bytes }) as const),
      fc.double({ min: 0, max: 1, noNaN: true }).map((at) => ({ kind: 'truncate', at }) as const),
      fc.double({ min: 0, max: 1, noNaN: true }).map((at) => ({ kind: 'begin', at }) as const),
    );
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const sizes = new LogSizes(0);
        let [base, last] = [0, 0];
        for (const each of changes) {
          if (each.kind === 'append') {
            sizes.append(each.bytes);
            last++;
          } else if (each.kind === 'truncate') {
            const from = base + 1 + Math.floor(each.at * (last - base));
            sizes.truncateFrom(from);
            last = from - 1;
          } else {
            base += Math.floor(each.at * (last - base));
            sizes.beginAt(base);
          }
          const { steps } = sizes;
          expect(steps.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(sizes.bytes);
          expect(steps.every(({ bytes }) => bytes >= 0)).toBe(true);
          if (steps.length > 0) expect(steps[0]?.index).toBe(base + 1);
          expect(last - base > 0 || sizes.bytes === 0).toBe(true);
          const first = sizes.firstWithin(sizes.bytes / 2);
          expect(first >= base + 1 && first <= last + 1).toBe(true);
        }
      }),
    );
  });
});
