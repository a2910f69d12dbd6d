import { describe, expect, it } from 'vitest';
import { clockText, compareClocks, readClock } from './compare-clocks.js';

const DAY_MS = 86_400_000;

function clocks(...aheadMs: readonly number[]) {
  return aheadMs.map((ahead, at) => ({ id: at + 1, aheadMs: ahead, errorMs: 0 }));
}

function off(...aheadMs: readonly number[]) {
  const { majority, off } = compareClocks(clocks(...aheadMs));
  return [majority, ...off];
}

describe('compareClocks', () => {
  it.each([DAY_MS, 365 * DAY_MS, 75 * 365 * DAY_MS, -DAY_MS, 1001])(
    'names the one of three that is off by %d ms',
    (ms) => {
      expect(off(10, 10 + ms, 10)).toEqual([true, [2, ms]]);
    },
  );

  it('takes no difference for one that is tolerated, or may come from the reading', () => {
    expect(off(0, 1000, -1000)).toEqual([true]);
    const [one, two, three] = clocks(0, 0, 5000);
    const slow = { id: 3, aheadMs: 5000, errorMs: 4000 };
    expect(compareClocks([one ?? slow, two ?? slow, slow]).off.size).toBe(0);
    expect(compareClocks([one ?? slow, two ?? slow, three ?? slow]).off.size).toBe(1);
  });

  it('names all where no majority agrees', () => {
    expect(off(0, DAY_MS)).toEqual([false, [1, -DAY_MS], [2, DAY_MS]]);
    expect(off(0, 5000, DAY_MS)).toEqual([false, [1, -5000], [2, 5000], [3, DAY_MS - 5000]]);
    expect(off(0, 0, DAY_MS, DAY_MS)[0]).toBe(false);
  });

  it('takes one clock alone, and none, for right', () => {
    expect(off(7)).toEqual([true]);
    expect(off()).toEqual([true]);
  });
});

describe('readClock', () => {
  it('bounds what it reads by half the round trip', async () => {
    const times = [100, 140];
    const reading = await readClock(
      3,
      async () => 5000,
      () => times.shift() ?? 0,
    );
    // Right at 100 it would be 4900 ahead, right at 140 4860.
    expect(reading).toEqual({ id: 3, aheadMs: 4880, errorMs: 20 });
  });
});

describe('clockText', () => {
  it('says by how much in a fitting unit', () => {
    expect(clockText(1500, true)).toBe("is 1.5 s ahead of most members' clocks");
    expect(clockText(-300_000, true)).toBe("is 5.0 minutes behind most members' clocks");
    expect(clockText(75 * 365 * DAY_MS, true)).toBe(
      "is 27375.0 days ahead of most members' clocks",
    );
    expect(clockText(-DAY_MS, false)).toBe(
      "is 24.0 hours behind another's, and no majority tells which is right",
    );
  });
});
