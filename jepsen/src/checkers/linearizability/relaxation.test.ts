import { describe, expect, it } from 'vitest';
import type { Operation } from '../../histories/operation.js';
import { type RegisterInput, type RegisterOutput, register } from './models/register.js';
import { checkLinearizability } from './run.js';

type RegisterOperation = Operation<RegisterInput, RegisterOutput>;

const VALUES = [0, 1, 2, 3];

/**
 * Writes and compare-and-sets of each value by each other, all of unknown outcome, and then as many pairs of
 * a write and a read of another value as are asked for: each takes one of those, and there are
 * several that do.
 */
function spending(reads: number): readonly RegisterOperation[] {
  const unknown = VALUES.flatMap((to): readonly RegisterInput[] => [
    { kind: 'write', value: to },
    ...VALUES.filter((from) => from !== to).map(
      (from) => ({ kind: 'compare-and-set', from, to }) as const,
    ),
  ]);
  const history: RegisterOperation[] = unknown.map((input, process) => ({
    process,
    input,
    invokedAt: 0,
    outcome: 'unknown',
  }));
  for (let i = 0; i < reads; i++) {
    const at = 10 * (i + 1);
    const [from, to] = [i % VALUES.length, (i + 1 + (Math.floor(i / 4) % 3)) % VALUES.length];
    const write = { kind: 'write', value: from } as const;
    const process = 'one';
    history.push(
      { process, input: write, invokedAt: at, outcome: 'done', output: null, returnedAt: at + 1 },
      {
        ...{ process, input: { kind: 'read' }, outcome: 'done', output: to },
        ...{ invokedAt: at + 2, returnedAt: at + 3 },
      },
    );
  }
  return history;
}

describe('the relaxation', () => {
  it('decides what has too many combinations of operations of unknown outcome for a search', () => {
    const limits = { maxSteps: 200_000, maxExplanationSteps: 0 };
    const verdicts = [4, 12, 16, 17, 24, 40].map(
      (reads) => checkLinearizability(register, spending(reads), limits).verdict,
    );
    expect(verdicts).toEqual(['ok', 'ok', 'ok', 'illegal', 'illegal', 'illegal']);
  });
});
