import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { majorityIndex, majoritySize, majorityVote } from './majority.js';

const voters = fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 7 });

describe('majority', () => {
  it('is more than half', () => {
    expect([1, 2, 3, 4, 5, 6, 7].map(majoritySize)).toEqual([1, 2, 2, 3, 3, 4, 4]);
  });

  it('reaches the highest index that a majority has', () => {
    fc.assert(
      fc.property(voters, fc.infiniteStream(fc.nat(5)), (ids, stream) => {
        const reached = new Map(ids.map((id) => [id, stream.next().value ?? 0]));
        const index = majorityIndex(ids, (id) => reached.get(id) ?? 0);
        const atLeast = (floor: number) => ids.filter((id) => (reached.get(id) ?? 0) >= floor);
        expect(atLeast(index).length).toBeGreaterThanOrEqual(majoritySize(ids.length));
        expect(atLeast(index + 1).length).toBeLessThan(majoritySize(ids.length));
      }),
    );
  });

  it('decides an election as soon as its result can no longer change', () => {
    const answer = fc.constantFrom(true, false, undefined);
    fc.assert(
      fc.property(voters, fc.array(answer, { minLength: 7, maxLength: 7 }), (ids, answers) => {
        const votes = new Map<number, boolean>();
        ids.forEach((id, i) => {
          const vote = answers[i];
          if (vote !== undefined) votes.set(id, vote);
        });
        const granted = ids.filter((id) => votes.get(id) === true).length;
        const open = ids.length - votes.size;
        const won = granted >= majoritySize(ids.length);
        const lost = granted + open < majoritySize(ids.length);
        expect(majorityVote(ids, votes)).toBe(won ? 'won' : lost ? 'lost' : 'pending');
      }),
    );
  });

  it('is satisfied by no voters at all', () => {
    expect(majorityIndex([], () => 0)).toBe(Number.POSITIVE_INFINITY);
    expect(majorityVote([], new Map())).toBe('won');
  });
});
