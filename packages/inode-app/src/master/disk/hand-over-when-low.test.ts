import { describe, expect, it } from 'vitest';
import { diskLimits } from './disk-limits.js';
import { handOverWhenLow } from './hand-over-when-low.js';

const LIMITS = { ...diskLimits(400), checkMs: 1 };

describe('handOverWhenLow', () => {
  /** Watches while each of these is free in turn; at which looks the lead was handed over. */
  async function handOvers(free: readonly number[], leadsFrom = 0): Promise<readonly number[]> {
    const ending = new AbortController();
    const handed: number[] = [];
    let looks = 0;
    await handOverWhenLow({
      limits: LIMITS,
      freeBytes: async () => {
        const now = free[looks++] ?? 0;
        if (looks >= free.length) ending.abort();
        return now;
      },
      replica: {
        handOver: async () => {
          if (looks < leadsFrom) return false;
          handed.push(looks);
          throw new Error('it stays');
        },
      },
      log: () => {},
      signal: ending.signal,
    });
    return handed;
  }

  it('hands over the lead once for each time that the disk becomes low', async () => {
    expect(await handOvers([500, 100, 99, 98, 97])).toEqual([3]);
    expect(await handOvers([99, 400, 99, 99])).toEqual([1, 3]);
  });

  it('does so later when it did not lead before', async () => {
    expect(await handOvers([99, 99, 99, 99], 3)).toEqual([3]);
  });

  it('does not begin again while what is free goes to and fro below enough', async () => {
    expect(await handOvers([99, 399, 99, 399, 99])).toEqual([1]);
    expect(await handOvers([500, 399, 100, 399])).toEqual([]);
  });
});
