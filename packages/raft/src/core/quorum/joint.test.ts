import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jointIndex, jointVote } from './joint.js';
import { majorityIndex, majorityVote } from './majority.js';

const half = fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { maxLength: 5 });
const answers = fc.array(fc.constantFrom(true, false, undefined), { minLength: 7, maxLength: 7 });

/** Every way in which those who have not answered may still do so. */
function completions(votes: ReadonlyMap<number, boolean>, ids: readonly number[]) {
  let all: ReadonlyMap<number, boolean>[] = [votes];
  for (const id of ids.filter((other) => !votes.has(other))) {
    all = all.flatMap((partial) => [true, false].map((vote) => new Map(partial).set(id, vote)));
  }
  return all;
}

function hasMajority(ids: readonly number[], agrees: (id: number) => boolean): boolean {
  return ids.length === 0 || ids.filter(agrees).length * 2 > ids.length;
}

describe('joint majority', () => {
  it('reaches the highest index that a majority of each half has', () => {
    fc.assert(
      fc.property(
        half,
        half,
        fc.array(fc.nat(5), { minLength: 8, maxLength: 8 }),
        (a, b, reached) => {
          fc.pre(a.length + b.length > 0);
          const indexOf = (id: number) => reached[id] ?? 0;
          const index = jointIndex({ voters: a, outgoing: b }, indexOf);
          const stored = (floor: number) =>
            [a, b].every((ids) => hasMajority(ids, (id) => indexOf(id) >= floor));
          expect(stored(index)).toBe(true);
          expect(stored(index + 1)).toBe(false);
        },
      ),
    );
  });

  it('decides an election exactly when no missing answer can change it', () => {
    fc.assert(
      fc.property(half, half, answers, (a, b, given) => {
        const ids = [...new Set([...a, ...b])];
        const votes = new Map<number, boolean>();
        for (const id of ids) {
          const vote = given[id - 1];
          if (vote !== undefined) votes.set(id, vote);
        }
        const results = completions(votes, ids).map((complete) =>
          [a, b].every((voters) => hasMajority(voters, (id) => complete.get(id) === true)),
        );
        const expected = !results.includes(false)
          ? 'won'
          : results.includes(true)
            ? 'pending'
            : 'lost';
        expect(jointVote({ voters: a, outgoing: b }, votes)).toBe(expected);
      }),
    );
  });

  it('is the majority of the one half when the other is empty', () => {
    fc.assert(
      fc.property(half, answers, (ids, given) => {
        const indexOf = (id: number) => id * 10;
        const votes = new Map<number, boolean>();
        given.forEach((vote, i) => {
          if (vote !== undefined) votes.set(i + 1, vote);
        });
        for (const halves of [
          { voters: ids, outgoing: [] },
          { voters: [], outgoing: ids },
        ]) {
          expect(jointIndex(halves, indexOf)).toBe(majorityIndex(ids, indexOf));
          expect(jointVote(halves, votes)).toBe(majorityVote(ids, votes));
        }
      }),
    );
  });

  it('is lost with either half', () => {
    const votes = new Map([
      [1, true],
      [2, true],
      [4, false],
      [5, false],
    ]);
    expect(jointVote({ voters: [1, 2, 3], outgoing: [4, 5, 6] }, votes)).toBe('lost');
    expect(jointVote({ voters: [4, 5, 6], outgoing: [1, 2, 3] }, votes)).toBe('lost');
  });
});
