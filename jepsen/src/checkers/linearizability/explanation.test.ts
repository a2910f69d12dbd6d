import { describe, expect, it } from 'vitest';
import type { Operation } from '../../histories/operation.js';
import type { Model } from './model.js';
import { appendOnlyList } from './models/append-only-list.js';
import { keyValue } from './models/key-value.js';
import { register } from './models/register.js';
import { checkLinearizability } from './run.js';

function linesOf<State, Input, Output>(
  model: Model<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
): readonly string[] {
  const result = checkLinearizability(model, operations);
  return result.verdict === 'illegal' ? result.explanation.lines : [result.verdict];
}

describe('an explanation', () => {
  it('tells what contradicts what, how far an order goes, and what was under way', () => {
    const done = { outcome: 'done', output: null } as const;
    const write = (process: number, value: number, invokedAt: number, returnedAt: number) =>
      ({ ...done, process, input: { kind: 'write', value }, invokedAt, returnedAt }) as const;
    const read = { kind: 'read' } as const;
    const lines = linesOf(register, [
      write(1, 5, 0, 1),
      { process: 2, input: read, outcome: 'done', output: 5, invokedAt: 2, returnedAt: 3 },
      { process: 3, input: { kind: 'write', value: 7 }, outcome: 'unknown', invokedAt: 2.5 },
      write(1, 6, 4, 5.25),
      { process: 12, input: read, outcome: 'done', output: 5, invokedAt: 7, returnedAt: 9 },
      write(1, 8, 8, 20),
      write(1, 9, 30, 40),
    ]);
    expect(lines).toEqual([
      'Not a linearizable register.',
      'Read at 7 returned 5, but 6 was acknowledged at 5.250 and nothing wrote 5 after it.',
      "These can't all be, whichever of the others took effect:",
      '  process 1   write 6   from 4 to 5.250',
      '  process 12  read → 5  from 7 to 9',
      'Before the last of them, everything can have happened in this order:',
      '  process 1  write 5   from 0 to 1',
      '  process 2  read → 5  from 2 to 3',
      '  process 1  write 6   from 4 to 5.250',
      'Then the value is 6.',
      'Under way at the same time, and of no help:',
      '  process 3  write 7  from 2.500, outcome unknown',
      '  process 1  write 8  from 8 to 20',
    ]);
  });

  it('names the key, and a single operation that nothing can explain', () => {
    const input = { kind: 'get', key: 'color' } as const;
    const lines = linesOf(keyValue, [
      { process: 'a', input, outcome: 'done', output: 'red', invokedAt: 1, returnedAt: 2 },
    ]);
    expect(lines).toEqual([
      'Not a linearizable key-value: key color.',
      'Get at 1 returned "red", and nothing had written "red" by then.',
      "This can't be, whichever of the others took effect:",
      '  process a  get → "red"  from 1 to 2',
    ]);
  });

  it('shows what had not returned as it was called', () => {
    const input = { kind: 'append', value: 'v' } as const;
    const append = { process: 1, input, outcome: 'done' } as const;
    const read = { process: 2, input: { kind: 'read' }, outcome: 'done' } as const;
    const lines = linesOf(appendOnlyList(), [
      { ...append, output: { length: 5 }, invokedAt: 0, returnedAt: 9 },
      { ...read, output: { length: 1 }, invokedAt: 1, returnedAt: 2 },
      { ...read, output: { length: 3 }, invokedAt: 3, returnedAt: 4 },
    ]);
    expect(lines.slice(lines.findIndex((line) => line.startsWith('Before')))).toEqual([
      'Before the last of them, everything can have happened in this order:',
      '  process 1  append v → length 5  from 0 to 9',
      '  process 2  read → length 1      from 1 to 2',
      'Then the list has 1 value.',
    ]);
  });

  it('shortens what is long', () => {
    const lines = linesOf(
      appendOnlyList(),
      Array.from({ length: 40 }, (_, i) => ({
        process: 1,
        input: { kind: 'append', value: `v${i}` },
        outcome: 'done',
        output: { length: i === 39 ? 39 : i + 1 },
        invokedAt: 10 * i,
        returnedAt: 10 * i + 5,
      })),
    );
    expect(lines).toEqual([
      'Not a linearizable append-only list.',
      'Append at 390 found a list of 38, but it had 39 by 385.',
      "These can't all be, whichever of the others took effect:",
      '  process 1  append v38 → length 39  from 380 to 385',
      '  process 1  append v39 → length 39  from 390 to 395',
      'Before the last of them, everything can have happened in this order (the last 8 of 39):',
      ...Array.from({ length: 8 }, (_, i) => {
        const at = 10 * (31 + i);
        return `  process 1  append v${31 + i} → length ${32 + i}  from ${at} to ${at + 5}`;
      }),
      'Then the list has 39 values.',
    ]);
  });
});
