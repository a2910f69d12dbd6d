import { describe, expect, it } from 'vitest';
import type { Clock } from './clock.js';
import { RateLimit } from './rate-limit.js';

/** Time passes at once where somebody waits. */
function jumpingClock(): Clock & { nowMs: number } {
  const clock = {
    nowMs: 1_000,
    monotonicMs: () => clock.nowMs,
    wallMs: () => clock.nowMs,
    after(delayMs: number, callback: () => void) {
      clock.nowMs += delayMs;
      queueMicrotask(callback);
      return () => {};
    },
    afterInput: () => () => {},
  };
  return clock;
}

const { signal } = new AbortController();

describe('a rate limit', () => {
  it('lets pass as much in a second as it says, however it is cut', async () => {
    for (const amount of [10, 300, 2_500]) {
      const clock = jumpingClock();
      const limit = new RateLimit(1_000, clock);
      for (let taken = 0; taken < 10_000; taken += amount) await limit.take(amount, signal);
      const passedMs = clock.nowMs - 1_000;
      expect(passedMs).toBeGreaterThan(10_000 - amount - 101);
      expect(passedMs).toBeLessThanOrEqual(10_000);
    }
  });

  it('cuts what is to pass into what passes in a short moment', () => {
    const bytes = Buffer.from('0123456789');
    const cut = (perSecond: number) =>
      [...new RateLimit(perSecond, jumpingClock()).pieces(bytes)].map(String);
    expect(cut(40)).toEqual(['0123', '4567', '89']);
    expect(cut(1)).toHaveLength(10);
    expect(cut(100)).toEqual(['0123456789']);
    expect(cut(Number.POSITIVE_INFINITY)).toEqual(['0123456789']);
  });

  it('saves up no more than a short burst', async () => {
    const clock = jumpingClock();
    const limit = new RateLimit(1_000, clock);
    await limit.take(1, signal);
    clock.nowMs += 60_000;
    const fromMs = clock.nowMs;
    for (let i = 0; i < 10; i++) await limit.take(100, signal);
    expect(clock.nowMs - fromMs).toBe(800);
  });

  it('keeps nobody waiting without a limit', async () => {
    const clock = jumpingClock();
    const limit = new RateLimit(Number.POSITIVE_INFINITY, clock);
    for (let i = 0; i < 10; i++) await limit.take(1e12, signal);
    expect(clock.nowMs).toBe(1_000);
  });

  it('rejects who gives up', async () => {
    const clock = { ...jumpingClock(), after: () => () => {} };
    const limit = new RateLimit(1, clock);
    await limit.take(100, signal);
    const controller = new AbortController();
    const waiting = limit.take(1, controller.signal);
    controller.abort(new Error('no longer wanted'));
    await expect(waiting).rejects.toThrow('no longer wanted');
  });
});
