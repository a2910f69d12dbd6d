import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HandmadeCall, handmade } from '../handmade-history.test.support.js';
import { check, type Simulation, simulate } from '../simulated-history.test.support.js';
import { monotonicReadsChecker } from './monotonic-reads-checker.js';
import { sessionOrderChecker } from './session-order-checker.js';

/** @param lag by how many adds reads are behind */
function simulation(seed: number, lag: number): Simulation {
  const values = [0];
  return {
    seed,
    clients: 3,
    calls: 120,
    next: (random) =>
      random.chance(0.5) ? { kind: 'read' } : { kind: 'add', amount: random.between(1, 9) },
    system: {
      apply({ kind, amount }) {
        const value = values.at(-1) ?? 0;
        if (kind === 'read') return values[Math.max(0, values.length - 1 - lag)] ?? 0;
        values.push(value + (typeof amount === 'number' ? amount : 0));
        return values.at(-1) ?? 0;
      },
    },
    unknownShare: 0.1,
    failedShare: 0.05,
  };
}

const add = (from: number, amount: number, output: number, session: string): HandmadeCall => ({
  from,
  to: from + 10,
  session,
  process: session,
  input: { kind: 'add', amount },
  output,
});

describe('sessionOrderChecker', () => {
  it('finds valid what one counter did, as does the checker of monotonic reads', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const history = simulate(simulation(seed, 0));
        for (const checker of [sessionOrderChecker, monotonicReadsChecker]) {
          expect(await check(checker, history)).toMatchObject({ verdict: 'valid', findings: [] });
        }
      }),
    );
  });

  it('finds clients that do not read what they wrote', async () => {
    for (let seed = 0; seed < 30; seed++) {
      const result = await check(sessionOrderChecker, simulate(simulation(seed, 6)));
      expect(result.findings[0]?.lines[1]).toMatch(/its own adds had been acknowledged/);
    }
  });

  it('tells what was written', async () => {
    const read = { from: 100, to: 110, process: 's', input: { kind: 'read' }, output: 4 };
    const result = await check(sessionOrderChecker, handmade([add(0, 7, 9, 's'), read]));
    expect(result.findings).toEqual([
      {
        lines: [
          'Process s read 4 by the read called at 0.100 s and answered at 0.110 s.',
          'But its own adds had been acknowledged at 0.010 s, with which the counter is 9 at least.',
        ],
        calls: [0, 2],
      },
    ]);
    const other = await check(
      sessionOrderChecker,
      handmade([add(0, 7, 9, 's'), { ...read, process: 'other' }]),
    );
    expect(other.verdict).toBe('valid');
  });

  it('finds commands of a session that change places', async () => {
    const result = await check(
      sessionOrderChecker,
      handmade([add(0, 2, 9, 's'), add(100, 3, 5, 's')]),
    );
    expect(result.findings[0]?.lines).toEqual([
      'In session s the add of 3 called at 0.100 s and answered at 0.110 s was answered 5.',
      'But the add of 2 called before it had been answered 9 at 0.010 s.',
    ]);
    const together = handmade([add(0, 2, 9, 's'), add(5, 3, 5, 's')]);
    expect(await check(sessionOrderChecker, together)).toMatchObject({ verdict: 'valid' });
    const others = handmade([add(0, 2, 9, 's'), add(100, 3, 5, 'other')]);
    expect(await check(sessionOrderChecker, others)).toMatchObject({ verdict: 'valid' });
  });
});
