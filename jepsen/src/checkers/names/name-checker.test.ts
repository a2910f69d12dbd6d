import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
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
import { type NameInput, type NameOutput, nameCalls } from './name-calls.js';
import { nameChecker } from './name-checker.js';

interface NameFaults {
  readonly claim?: (gotIt: boolean, call: number) => boolean;
  readonly list?: (names: readonly string[], call: number) => readonly string[];
}

function simulation(seed: number, faults: NameFaults = {}): Simulation {
  const names = new Set<string>();
  let calls = 0;
  return {
    seed,
    clients: 5,
    calls: 150,
    next: (random) =>
      random.chance(0.25) ? { kind: 'list' } : { kind: 'claim', name: `n${random.below(60)}` },
    system: {
      apply({ kind, name }) {
        calls += 1;
        if (kind === 'list') return faults.list?.([...names], calls) ?? [...names];
        const gotIt = typeof name === 'string' && !names.has(name);
        if (typeof name === 'string') names.add(name);
        return faults.claim?.(gotIt, calls) ?? gotIt;
      },
    },
    finals: [{ kind: 'list' }],
    unknownShare: 0.2,
    failedShare: 0.05,
  };
}

const claim = (from: number, name: string, output: boolean): HandmadeCall => ({
  from,
  to: from + 10,
  input: { kind: 'claim', name },
  output,
});
const list = (from: number, ...output: string[]): HandmadeCall => ({
  from,
  to: from + 10,
  input: { kind: 'list' },
  output,
});

const plainNames: PlainModel<readonly string[], NameInput, NameOutput> = {
  init: () => [],
  step(names, { input, ...end }) {
    const output = end.outcome === 'done' ? end.output : undefined;
    if (input.kind === 'list') {
      const isSame =
        Array.isArray(output) && [...output].sort().join() === [...names].sort().join();
      return output === undefined || isSame ? names : undefined;
    }
    const gotIt = !names.includes(input.name);
    if (output !== undefined && output !== gotIt) return undefined;
    return gotIt ? [...names, input.name] : names;
  },
};

describe('nameChecker', () => {
  it('finds valid what gave out names', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        expect(await check(nameChecker, simulate(simulation(seed)))).toMatchObject({
          verdict: 'valid',
          findings: [],
        });
      }),
    );
  });

  it.each<[string, NameFaults, RegExp]>([
    [
      'names given twice',
      { claim: (gotIt, call) => gotIt || call % 10 === 0 },
      /given twice|taken already/,
    ],
    [
      'refusals without reason',
      { claim: (gotIt, call) => gotIt && call % 10 !== 0 },
      /nobody else can have had it/,
    ],
    ['lost names', { list: (all) => all.slice(1) }, /lost/],
    [
      'stale lists',
      { list: (all, call) => (call > 60 && call < 80 ? all.slice(0, 3) : all) },
      /stale/,
    ],
    ['ghosts', { list: (all) => [...all, 'ghost'] }, /"ghost", which nobody can have taken/],
    ['names listed twice', { list: (all) => [...all, ...all.slice(0, 1)] }, /twice/],
  ])('finds %s', async (_, faults, words) => {
    const spoilt = (seed: number) => simulation(seed, faults);
    expect(await seedsWithFinding(nameChecker, 30, spoilt, words)).toBeGreaterThan(20);
  });

  it('agrees with the definition on claims of one name and lists', async () => {
    const verdicts = { valid: 0, invalid: 0, unknown: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            from: fc.nat(40),
            span: fc.nat(20),
            isList: fc.boolean(),
            answer: fc.boolean(),
            fate: fc.nat(7),
          }),
          { minLength: 1, maxLength: 5 },
        ),
        async (drafts) => {
          const calls = drafts.map(({ from, span, isList, answer, fate }): HandmadeCall => {
            const to = from + span;
            if (isList) {
              return { from, to, input: { kind: 'list' }, output: answer ? ['a'] : [] };
            }
            const input = { kind: 'claim', name: 'a' };
            if (fate === 0) return { from, input };
            return fate === 1
              ? { from, to, input, failed: true }
              : { from, to, input, output: answer };
          });
          const history = handmade([...calls, list(500, ...(drafts[0]?.answer ? ['a'] : []))]);
          const { verdict } = await check(nameChecker, history);
          const isLegal = isLinearizableByForce(plainNames, operationsOf(history, nameCalls));
          expect(verdict).toBe(isLegal ? 'valid' : 'invalid');
          verdicts[verdict] += 1;
        },
      ),
      { numRuns: 800 },
    );
    expect(Math.min(verdicts.valid, verdicts.invalid)).toBeGreaterThan(30);
  });

  it.each<[string, readonly HandmadeCall[], RegExp]>([
    ['a lost name', [claim(0, 'a', true), list(100)], /lacks "a", but an answer at 0.010 s/],
    [
      'a name given twice',
      [claim(0, 'a', true), claim(0, 'a', true), list(100, 'a')],
      /given twice/,
    ],
    [
      'a name given after it was listed',
      [
        { from: 0, input: { kind: 'claim', name: 'a' } },
        list(50, 'a'),
        claim(100, 'a', true),
        list(200, 'a'),
      ],
      /taken already: an answer at 0.060 s/,
    ],
    ['a refusal without reason', [claim(0, 'a', false), list(100)], /was refused/],
  ])('tells %s', async (_, calls, words) => {
    const result = await check(nameChecker, handmade(calls));
    expect(result.verdict).toBe('invalid');
    expect(result.findings.flatMap(({ lines }) => lines).join('\n')).toMatch(words);
  });

  it('has no verdict where nobody listed', async () => {
    expect(await check(nameChecker, handmade([claim(0, 'a', true)]))).toMatchObject({
      verdict: 'unknown',
    });
  });
});
