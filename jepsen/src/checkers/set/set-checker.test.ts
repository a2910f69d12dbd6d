import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallInput } from '../../histories/history-event.js';
import { type HandmadeCall, handmade } from '../handmade-history.test.support.js';
import {
  check,
  type Simulation,
  seedsWithFinding,
  simulate,
} from '../simulated-history.test.support.js';
import { setChecker } from './set-checker.js';

class SimulatedSet {
  readonly elements: number[] = [];
  apply({ kind, element }: CallInput): readonly number[] | null {
    if (kind === 'read') return [...this.elements];
    if (typeof element === 'number') this.elements.push(element);
    return null;
  }
}

/** @param spoil changes what is read; it is asked with the number of the read */
function simulation(
  seed: number,
  spoil: (elements: readonly number[], read: number) => readonly number[] = (elements) => elements,
): Simulation {
  const set = new SimulatedSet();
  let element = 0;
  let reads = 0;
  return {
    seed,
    clients: 5,
    calls: 120,
    next: (random) => (random.chance(0.3) ? { kind: 'read' } : { kind: 'add', element: element++ }),
    system: {
      apply(input) {
        const answer = set.apply(input);
        return answer === null ? null : spoil(answer, reads++);
      },
    },
    finals: [{ kind: 'read' }, { kind: 'read' }],
    unknownShare: 0.2,
    failedShare: 0.05,
  };
}

const ADD: HandmadeCall = {
  from: 1000,
  to: 1010,
  input: { kind: 'add', element: 7 },
  output: null,
};
const read = (from: number, ...output: (string | number)[]): HandmadeCall => ({
  from,
  to: from + 10,
  input: { kind: 'read' },
  output,
});

describe('setChecker', () => {
  it('finds valid what a set did', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const result = await check(setChecker, simulate(simulation(seed)));
        expect(result).toMatchObject({ verdict: 'valid', findings: [] });
      }),
    );
  });

  it.each<[string, (elements: readonly number[], read: number) => readonly number[], RegExp]>([
    ['a lost element', (all) => all.slice(1), /lost/],
    ['a stale read', (all, number) => (number === 9 ? all.slice(0, -8) : all), /stale/],
    ['an element that nobody added', (all) => [...all, -1], /has -1, which nobody added/],
    ['an element twice', (all, number) => (number === 9 ? [...all, ...all] : all), /twice/],
  ])('finds %s', async (_, spoil, words) => {
    const spoilt = (seed: number) => simulation(seed, spoil);
    // What is spoilt may be what nobody was told of, which harms nobody.
    expect(await seedsWithFinding(setChecker, 30, spoilt, words)).toBeGreaterThan(20);
  });

  it('tells when what was lost, and marks the calls', async () => {
    const result = await check(setChecker, handmade([ADD, read(1005), read(2000), read(3000)]));
    expect(result).toMatchObject({ verdict: 'invalid', figures: { lost: 1, stale: 0 } });
    expect(result.findings).toEqual([
      {
        lines: [
          'The read called at 2.000 s and answered at 2.010 s lacks 7, but its add was acknowledged at 1.010 s.',
          'No read called after that has it: it is lost.',
        ],
        calls: [0, 4],
      },
    ]);
  });

  it('knows an element from a read too', async () => {
    const call = { from: ADD.from, input: ADD.input };
    const seen = handmade([call, read(2000), read(3000, 7)]);
    expect(await check(setChecker, seen)).toMatchObject({
      verdict: 'valid',
      figures: { recovered: 1 },
    });
    const vanished = handmade([call, read(2000, 7), read(3000)]);
    expect(await check(setChecker, vanished)).toMatchObject({ verdict: 'invalid' });
  });

  it('has what failed, or was added later, for added by nobody', async () => {
    const { from, to = 0, input } = ADD;
    const failed = handmade([{ from, to, input, failed: true }, read(2000, 7)]);
    expect((await check(setChecker, failed)).findings[0]?.lines[0]).toMatch(/whose add failed/);
    const early = handmade([ADD, read(900, 7), read(2000, 7)]);
    expect((await check(setChecker, early)).findings[0]?.lines[0]).toMatch(/not added before/);
  });

  it('lets reads that may be stale lack elements, and keys stand apart', async () => {
    const local = { ...read(2000), input: { kind: 'read', consistency: 'local' } };
    expect(await check(setChecker, handmade([ADD, local, read(3000, 7)]))).toMatchObject({
      verdict: 'valid',
    });
    const other = { ...read(2000), input: { kind: 'read', key: 'other' } };
    expect(await check(setChecker, handmade([ADD, other, read(3000, 7)]))).toMatchObject({
      verdict: 'valid',
    });
  });

  it('has no verdict where nobody read', async () => {
    expect(await check(setChecker, handmade([ADD]))).toMatchObject({ verdict: 'unknown' });
  });

  it('refuses elements that are added twice', async () => {
    await expect(check(setChecker, handmade([ADD, ADD]))).rejects.toMatchObject({
      code: 'HISTORY_INVALID',
    });
  });
});
