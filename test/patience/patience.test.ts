import { describe, expect, it } from 'vitest';
import { LOOK_MS, Patience } from './patience.js';
import { machineLoad, slowdown } from './slowdown.js';

/** Milliseconds until it is over, looked at as often as it asks for. */
function lasts(limitMs: number, slower: (nowMs: number) => number, eachMs = LOOK_MS): number {
  let nowMs = 0;
  const patience = new Patience(limitMs, nowMs, () => slower(nowMs));
  do nowMs += eachMs;
  while (!patience.isOver(nowMs));
  return nowMs;
}

describe('patience', () => {
  it('lasts as long as it says on an idle machine, and longer by what a busy one has to do', () => {
    expect(lasts(10_000, () => 1)).toBe(10_000 + LOOK_MS);
    expect(lasts(10_000, () => 25)).toBe(25 * 10_000 + LOOK_MS);
    // Busy for a while only.
    expect(lasts(10_000, (nowMs) => (nowMs <= 40_000 ? 8 : 1))).toBe(45_000 + LOOK_MS);
  });

  it('begins anew with each sign of progress', () => {
    const patience = new Patience(1000, 0, () => 1);
    for (let nowMs = LOOK_MS; nowMs <= 100_000; nowMs += LOOK_MS) {
      if (nowMs % 1000 === 0) patience.renew();
      expect(patience.isOver(nowMs)).toBe(false);
    }
  });

  it('does not run out while nobody could look: the process was stopped, the machine slept', () => {
    const patience = new Patience(10_000, 0, () => 1);
    expect(patience.isOver(3_600_000)).toBe(false);
    expect(lasts(10_000, () => 1, 60_000)).toBeGreaterThan(500_000);
  });
});

describe('a machine', () => {
  it('is as slow as it has more to do than cores, now or over the last minute', () => {
    expect(slowdown({ runnable: 1, average: 0.2, cores: 2 })).toBe(1);
    expect(slowdown({ runnable: 12, average: 0.2, cores: 2 })).toBe(6);
    expect(slowdown({ runnable: 1, average: 50, cores: 2 })).toBe(25);
  });

  it('tells what it has to do', () => {
    const { runnable, average, cores } = machineLoad();
    expect(runnable).toBeGreaterThanOrEqual(0);
    expect(average).toBeGreaterThanOrEqual(0);
    expect(cores).toBeGreaterThan(0);
  });
});
