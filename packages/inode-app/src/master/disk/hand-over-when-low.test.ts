import type { ReplicaStatus } from 'raft-ts';
import { describe, expect, it } from 'vitest';
import { diskLimits } from './disk-limits.js';
import { handOverWhenLow, successor } from './hand-over-when-low.js';

const LIMITS = { ...diskLimits(400), checkMs: 1 };

function member(id: number, match: number, more: object = {}): ReplicaStatus['progress'][number] {
  const known = { id, match, next: match + 1, lag: 0, state: 'replicate', active: true } as const;
  const rest = { paused: false, inflight: 0, inflightFull: false, pendingSnapshot: 0 } as const;
  return { ...known, ...rest, learner: false, recovering: false, ...more };
}

const LEADER: Pick<ReplicaStatus, 'id' | 'role' | 'progress'> = {
  id: 1,
  role: 'leader',
  progress: [member(1, 9), member(2, 7), member(3, 8)],
};

describe('successor', () => {
  it('is the other voter that has come furthest', () => {
    expect(successor(LEADER)).toBe(3);
  });

  it('is nobody who could not take over', () => {
    const progress = [
      member(1, 9),
      member(2, 9, { active: false }),
      member(3, 9, { learner: true }),
      member(4, 9, { recovering: true }),
    ];
    expect(successor({ ...LEADER, progress })).toBeUndefined();
    expect(successor({ ...LEADER, role: 'follower' })).toBeUndefined();
  });
});

describe('handOverWhenLow', () => {
  /** Watches while each of these is free in turn; to whom the lead was handed over, and when. */
  async function handOvers(free: readonly number[]): Promise<readonly string[]> {
    const ending = new AbortController();
    const handed: string[] = [];
    let looks = 0;
    await handOverWhenLow({
      limits: LIMITS,
      freeBytes: async () => {
        const now = free[looks++] ?? 0;
        if (looks >= free.length) ending.abort();
        return now;
      },
      replica: {
        status: () => LEADER as ReplicaStatus,
        transferLeadership: async (to) => {
          handed.push(`look ${looks} to ${to}`);
          throw new Error('it stays');
        },
      },
      log: () => {},
      signal: ending.signal,
    });
    return handed;
  }

  it('hands over the lead once for each time that the disk becomes low', async () => {
    expect(await handOvers([500, 100, 99, 98, 97])).toEqual(['look 3 to 3']);
    expect(await handOvers([99, 400, 99, 99])).toEqual(['look 1 to 3', 'look 3 to 3']);
  });

  it('does not begin again while what is free goes to and fro below enough', async () => {
    expect(await handOvers([99, 399, 99, 399, 99])).toEqual(['look 1 to 3']);
    expect(await handOvers([500, 399, 100, 399])).toEqual([]);
  });
});
