import { describe, expect, it } from 'vitest';
import { Backoff } from './backoff.js';

describe('pauses between attempts', () => {
  it('double from the first to the longest, and stay there', () => {
    const backoff = new Backoff(20, 1_000, () => 0.999_999);
    const delays = Array.from({ length: 2_000 }, () => Math.round(backoff.next()));
    expect(delays.slice(0, 7)).toEqual([20, 40, 80, 160, 320, 640, 1_000]);
    expect(delays.at(-1)).toBe(1_000);
  });

  it('are taken down by half at most', () => {
    expect(new Backoff(20, 1_000, () => 0).next()).toBe(10);
    expect(new Backoff(20, 1_000, () => 0.5).next()).toBe(15);
  });

  it('begin anew once one has succeeded', () => {
    const backoff = new Backoff(20, 1_000, () => 0);
    backoff.next();
    backoff.next();
    backoff.reset();
    expect(backoff.next()).toBe(10);
  });
});
