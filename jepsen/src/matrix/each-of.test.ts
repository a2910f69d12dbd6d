import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { eachOf } from './each-of.js';

const { signal: never } = new AbortController();

describe('eachOf', () => {
  it('does so many at a time, and begins them in their order', async () => {
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const all = eachOf([1, 2, 3, 4], 2, never, async (item) => {
      begun.push(item);
      await new Promise<void>((resolve) => ends.push(resolve));
    });
    for (let ended = 0; ended < 4; ended++) {
      while (ends[ended] === undefined) await Promise.resolve();
      expect(begun).toEqual([1, 2, 3, 4].slice(0, Math.min(4, ended + 2)));
      ends[ended]?.();
      while (begun.length < Math.min(4, ended + 3)) await Promise.resolve();
    }
    await all;
  });

  it('ends all with the first that fails, once none is under way', async () => {
    const under = new Set<number>();
    const all = eachOf([1, 2, 3], 2, never, async (item, signal) => {
      under.add(item);
      try {
        if (item === 2) throw new Error('it broke');
        await once(signal, 'abort');
      } finally {
        under.delete(item);
      }
    });
    await expect(all).rejects.toThrow('it broke');
    expect(under.size).toBe(0);
  });

  it('begins nothing once it is told to end', async () => {
    const controller = new AbortController();
    const begun: number[] = [];
    const all = eachOf([1, 2, 3], 1, controller.signal, async (item) => {
      begun.push(item);
      controller.abort(new Error('enough'));
    });
    await expect(all).rejects.toThrow('enough');
    expect(begun).toEqual([1]);
  });
});
