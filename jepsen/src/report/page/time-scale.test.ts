import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawnScale } from './drawn-operations.test.support.js';
import {
  durationText,
  fitted,
  momentAt,
  momentText,
  panned,
  roundStep,
  ticks,
  xOf,
  zoomed,
} from './time-scale.js';

describe('a scale of time', () => {
  it('finds the moment of a place, and the place of a moment', () => {
    fc.assert(
      fc.property(drawnScale, fc.nat(700_000), (scale, moment) => {
        expect(momentAt(scale, xOf(scale, moment))).toBeCloseTo(moment, 3);
      }),
    );
  });

  it('keeps the moment around which it zooms where it is', () => {
    fc.assert(
      fc.property(
        drawnScale,
        fc.nat(700_000),
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        (scale, moment, factor) => {
          const after = { ...scale, ...zoomed(scale, factor, moment) };
          expect(xOf(after, moment)).toBeCloseTo(xOf(scale, moment), 3);
        },
      ),
    );
  });

  it('never leaves the test, and is never too short, however it is moved', () => {
    const move = fc.tuple(
      fc.integer({ min: -1_000_000, max: 1_000_000 }),
      fc.double({ min: 0, max: 100, noNaN: true }),
    );
    fc.assert(
      fc.property(drawnScale, fc.nat(1_000_000), fc.array(move), (scale, length, moves) => {
        let range = fitted(scale, length);
        for (const [by, factor] of moves) {
          range = fitted(panned(zoomed(range, factor, range.fromUs), by), length);
          expect(range.fromUs).toBeGreaterThanOrEqual(0);
          expect(range.toUs).toBeLessThanOrEqual(Math.max(length, 20) + 1e-6);
          expect(range.toUs - range.fromUs).toBeGreaterThan(19.9);
        }
      }),
    );
  });

  it('has round moments within the range, no more than there is room for', () => {
    fc.assert(
      fc.property(drawnScale, fc.integer({ min: 3, max: 20 }), (scale, most) => {
        const moments = ticks(scale, most);
        expect(moments.length).toBeLessThanOrEqual(most + 1);
        expect(moments.length).toBeGreaterThan(0);
        for (const moment of moments) {
          expect(moment).toBeGreaterThanOrEqual(scale.fromUs);
          expect(moment).toBeLessThanOrEqual(scale.toUs);
        }
      }),
    );
  });

  it('steps by 1, 2 and 5', () => {
    expect([0.9, 1, 1.1, 3, 6, 20, 51, 1e6].map(roundStep)).toEqual([1, 1, 2, 5, 10, 20, 100, 1e6]);
  });

  it('writes moments as exactly as they differ, and durations in three digits', () => {
    expect(momentText(1_500_000, 500_000)).toBe('1.5 s');
    expect(momentText(2_000_000, 1_000_000)).toBe('2 s');
    expect(momentText(1_500_020, 20)).toBe('1.50002 s');
    expect([0, 950, 1234, 999_400, 999_600, 12_345_678, 120_000_000].map(durationText)).toEqual([
      '0 µs',
      '950 µs',
      '1.23 ms',
      '999 ms',
      '1 s',
      '12.3 s',
      '120 s',
    ]);
  });
});
