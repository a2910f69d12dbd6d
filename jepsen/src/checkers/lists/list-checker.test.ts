import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallInput } from '../../histories/history-event.js';
import { operationsOf } from '../../histories/operations.js';
import { type HandmadeCall, handmade } from '../handmade-history.test.support.js';
import {
  isLinearizableByForce,
  type PlainModel,
} from '../linearizability/brute-force.test.support.js';
import type { Element } from '../set/set-calls.js';
import {
  check,
  type Simulation,
  seedsWithFinding,
  simulate,
} from '../simulated-history.test.support.js';
import { type AppendListInput, type AppendListOutput, appendListCalls } from './list-calls.js';
import { appendListChecker } from './list-checker.js';

type Spoil = (elements: readonly number[], read: number) => readonly number[];

function simulation(seed: number, spoil: Spoil = (elements) => elements): Simulation {
  const list: number[] = [];
  let element = 0;
  let reads = 0;
  return {
    seed,
    clients: 5,
    calls: 120,
    next: (random) =>
      random.chance(0.3) ? { kind: 'read' } : { kind: 'append', element: element++ },
    system: {
      apply(input: CallInput) {
        if (input.kind === 'read') return spoil(list, reads++).slice();
        if (typeof input.element === 'number') list.push(input.element);
        return null;
      },
    },
    finals: [{ kind: 'read' }, { kind: 'read' }],
    unknownShare: 0.2,
    failedShare: 0.05,
  };
}

const append = (from: number, element: number): HandmadeCall => ({
  from,
  to: from + 10,
  input: { kind: 'append', element },
  output: null,
});
const read = (from: number, ...output: number[]): HandmadeCall => ({
  from,
  to: from + 10,
  input: { kind: 'read' },
  output,
});

const plainList: PlainModel<readonly Element[], AppendListInput, AppendListOutput> = {
  init: () => [],
  step(list, { input, ...end }) {
    if (input.kind === 'append') return [...list, input.element];
    if (end.outcome === 'unknown') return list;
    return JSON.stringify(end.output) === JSON.stringify(list) ? list : undefined;
  },
};

describe('appendListChecker', () => {
  it('finds valid what a list did', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        expect(await check(appendListChecker, simulate(simulation(seed)))).toMatchObject({
          verdict: 'valid',
          findings: [],
        });
      }),
    );
  });

  it.each<[string, Spoil, RegExp]>([
    ['a lost element', (all) => all.filter((_, place) => place !== 3), /only the latter|lacks/],
    [
      'a stale read',
      (all, number) => (number === 9 ? all.slice(0, -8) : all),
      /lacks|has \d+ elements/,
    ],
    ['an element that nobody appended', (all) => [...all, -1], /-1/],
    ['an element twice', (all) => [...all, ...all.slice(0, 1)], /twice|no beginning/],
    [
      'another order',
      (all, number) => (number === 9 ? [...all].reverse() : all),
      /no beginning of the other/,
    ],
    ['the wrong order everywhere', (all) => [...all].sort((a, b) => (a % 7) - (b % 7)), /./],
  ])('finds %s', async (_, spoil, words) => {
    const spoilt = (seed: number) => simulation(seed, spoil);
    // What is spoilt may be what nobody was told of, which harms nobody.
    expect(await seedsWithFinding(appendListChecker, 30, spoilt, words)).toBeGreaterThan(20);
  });

  it('agrees with the definition', async () => {
    const verdicts = { valid: 0, invalid: 0, unknown: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            from: fc.nat(60),
            span: fc.nat(20),
            isRead: fc.boolean(),
            output: fc.subarray([0, 1, 2, 3]),
            swap: fc.nat(5),
            fate: fc.nat(9),
          }),
          { maxLength: 5 },
        ),
        async (drafts) => {
          const calls = drafts.map(({ from, span, isRead, output, swap, fate }, place) => {
            const to = from + span;
            if (isRead) {
              const list = swap === 0 ? [...output].reverse() : output;
              return { from, to, input: { kind: 'read' }, output: list };
            }
            const input = { kind: 'append', element: place };
            if (fate === 0) return { from, input };
            return fate === 1
              ? { from, to, input, failed: true as const }
              : { from, to, input, output: null };
          });
          const history = handmade([...calls]);
          const { verdict } = await check(appendListChecker, history);
          const isLegal = isLinearizableByForce(plainList, operationsOf(history, appendListCalls));
          if (calls.some(({ input }) => input.kind === 'read')) {
            expect(verdict).toBe(isLegal ? 'valid' : 'invalid');
            verdicts[verdict] += 1;
          }
        },
      ),
      { numRuns: 800 },
    );
    expect(Math.min(verdicts.valid, verdicts.invalid)).toBeGreaterThan(30);
  });

  it.each<[string, readonly HandmadeCall[], RegExp]>([
    [
      'what is lost',
      [append(0, 7), read(100)],
      /lacks 7, but its append was acknowledged at 0.010 s; no read/,
    ],
    [
      'what runs back',
      [{ from: 0, input: { kind: 'append', element: 7 } }, read(100, 7), read(200)],
      /has 0 elements, but a read .* 0.110 s/,
    ],
    ['the wrong order', [append(0, 1), append(100, 2), read(200, 2, 1)], /it behind that/],
    ['a ghost', [read(200, 2)], /has 2, which nobody appended/],
    [
      'an append that failed',
      [{ from: 0, to: 1, input: { kind: 'append', element: 2 }, failed: true }, read(200, 2)],
      /whose append failed/,
    ],
    [
      'another list',
      [append(0, 1), append(0, 2), read(200, 2, 1), { ...read(300, 1, 2, 3) }],
      /no beginning/,
    ],
  ])('tells %s', async (_, calls, words) => {
    const result = await check(appendListChecker, handmade(calls));
    expect(result.verdict).toBe('invalid');
    expect(result.findings.flatMap(({ lines }) => lines).join('\n')).toMatch(words);
  });

  it('lets a read that may be stale be short, but not another list', async () => {
    const local = { input: { kind: 'read', consistency: 'local' } };
    const short = handmade([append(0, 7), { ...read(100), ...local }, read(200, 7)]);
    expect(await check(appendListChecker, short)).toMatchObject({ verdict: 'valid' });
    const other = handmade([append(0, 7), { ...read(100, 8), ...local }, read(200, 7)]);
    expect(await check(appendListChecker, other)).toMatchObject({ verdict: 'invalid' });
  });

  it('has no verdict where nobody read', async () => {
    expect(await check(appendListChecker, handmade([append(0, 7)]))).toMatchObject({
      verdict: 'unknown',
    });
  });
});
