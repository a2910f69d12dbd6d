import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallInput } from '../../histories/history-event.js';
import { operationsOf } from '../../histories/operations.js';
import { type HandmadeCall, handmade } from '../handmade-history.test.support.js';
import {
  isLinearizableByForce,
  type PlainModel,
} from '../linearizability/brute-force.test.support.js';
import {
  check,
  type Simulation,
  seedsWithFinding,
  simulate,
} from '../simulated-history.test.support.js';
import { type CounterInput, type CounterOutput, counterCalls } from './counter-calls.js';
import { counterChecker } from './counter-checker.js';

interface SimulatedCounter {
  readonly answersValues: boolean;
  /** What goes wrong with a call of this number. */
  apply?(value: number, amount: number, call: number): readonly [value: number, answer: number];
  read?(value: number, call: number, values: readonly number[]): number;
}

function simulation(seed: number, counter: SimulatedCounter): Simulation {
  let value = 0;
  let calls = 0;
  const values = [0];
  return {
    seed,
    clients: 4,
    calls: 100,
    next: (random) =>
      random.chance(0.4) ? { kind: 'read' } : { kind: 'add', amount: random.between(1, 1_000_000) },
    system: {
      apply({ kind, amount }: CallInput) {
        calls += 1;
        if (kind === 'read') return counter.read?.(value, calls, values) ?? value;
        const by = typeof amount === 'number' ? amount : 0;
        const [after, answer] = counter.apply?.(value, by, calls) ?? [value + by, value + by];
        value = after;
        values.push(value);
        return counter.answersValues ? answer : null;
      },
    },
    finals: [{ kind: 'read' }],
    unknownShare: 0.1,
    failedShare: 0.05,
  };
}

const add = (from: number, amount: number, output: number | null): HandmadeCall => ({
  from,
  to: from + 10,
  input: { kind: 'add', amount },
  output,
});
const read = (from: number, output: number): HandmadeCall => ({
  from,
  to: from + 10,
  input: { kind: 'read' },
  output,
});

const plainCounter: PlainModel<number, CounterInput, CounterOutput> = {
  init: () => 0,
  step(value, { input, ...end }) {
    const after = input.kind === 'add' ? value + input.amount : value;
    if (end.outcome === 'unknown' || end.output === null) return after;
    return end.output === after ? after : undefined;
  },
};

describe('counterChecker', () => {
  it.each([true, false])(
    'finds valid what a counter did (answers values: %s)',
    async (answersValues) => {
      await fc.assert(
        fc.asyncProperty(fc.nat(), async (seed) => {
          const history = simulate(simulation(seed, { answersValues }));
          expect(await check(counterChecker, history)).toMatchObject({
            verdict: 'valid',
            findings: [],
          });
        }),
      );
    },
  );

  it.each<[string, SimulatedCounter]>([
    [
      'an add that counts twice',
      {
        answersValues: true,
        apply: (value, amount, call) =>
          call % 30 === 29
            ? [value + 2 * amount, value + amount]
            : [value + amount, value + amount],
      },
    ],
    [
      'an add that is lost',
      {
        answersValues: true,
        apply: (value, amount, call) =>
          call % 30 === 29 ? [value, value + amount] : [value + amount, value + amount],
      },
    ],
    [
      'adds that are lost where only reads tell',
      {
        answersValues: false,
        apply: (value, amount, call) => [call > 40 ? value : value + amount, 0],
      },
    ],
    [
      'stale reads',
      {
        answersValues: true,
        read: (value, call, values) => (call > 40 ? (values.at(-12) ?? 0) : value),
      },
    ],
    [
      'invented reads',
      { answersValues: true, read: (value, call) => (call > 40 ? value + 1 : value) },
    ],
  ])('finds %s', async (_, counter) => {
    const spoilt = (seed: number) => simulation(seed, counter);
    // What is spoilt may be a read, or what nobody was told of.
    expect(await seedsWithFinding(counterChecker, 40, spoilt, /./)).toBeGreaterThan(25);
  });

  it('never contradicts the definition, and misses nothing where all is answered', async () => {
    const verdicts = { legal: 0, illegal: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            from: fc.nat(60),
            span: fc.nat(20),
            amount: fc.integer({ min: 0, max: 2 }),
            output: fc.nat(5),
            unknown: fc.nat(9),
          }),
          { maxLength: 5 },
        ),
        fc.boolean(),
        async (drafts, allAnswered) => {
          const calls = drafts.map(({ from, span, amount, output, unknown }): HandmadeCall => {
            const input: CallInput = amount === 0 ? { kind: 'read' } : { kind: 'add', amount };
            if (!allAnswered && unknown === 0) return { from, input };
            return { from, to: from + span, input, output };
          });
          const history = handmade(calls);
          const { verdict } = await check(counterChecker, history);
          const isLegal = isLinearizableByForce(plainCounter, operationsOf(history, counterCalls));
          if (isLegal) expect(verdict).toBe('valid');
          else if (allAnswered) expect(verdict).toBe('invalid');
          verdicts[isLegal ? 'legal' : 'illegal'] += 1;
        },
      ),
      { numRuns: 600 },
    );
    expect(Math.min(verdicts.legal, verdicts.illegal)).toBeGreaterThan(30);
  });

  it.each<[string, readonly HandmadeCall[], RegExp]>([
    [
      'a read that lacks an acknowledged add',
      [add(0, 7, null), read(100, 4)],
      /returned 4, but the adds acknowledged before it was called come to 7/,
    ],
    ['a read above all adds', [add(0, 7, null), read(100, 9)], /all that was added .* is 7/],
    [
      'a read that runs back',
      [{ from: 0, input: { kind: 'add', amount: 7 } }, read(100, 7), read(200, 0)],
      /was answered 0, but 7 had been answered at 0.110 s/,
    ],
    ['a read within an add', [add(0, 7, 7), { ...read(0, 3) }], /never was 3/],
    ['adds that count the same', [add(0, 3, 5), add(0, 2, 3)], /can't both count/],
    [
      'an add that counts twice, told by its amount',
      [
        add(0, 3, 3),
        add(100, 5, 11),
        { from: 50, input: { kind: 'add', amount: 4 } },
        read(200, 11),
      ],
      /grew from 3 to 6 without an answered add/,
    ],
  ])('tells %s', async (_, calls, words) => {
    const result = await check(counterChecker, handmade(calls));
    expect(result.verdict).toBe('invalid');
    expect(result.findings[0]?.lines.join('\n')).toMatch(words);
  });
});
