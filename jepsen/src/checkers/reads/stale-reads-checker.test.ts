import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HandmadeCall, handmade } from '../handmade-history.test.support.js';
import { check, type Simulation, simulate } from '../simulated-history.test.support.js';
import { staleReadsChecker } from './stale-reads-checker.js';

const MAX_STALE_MS = 50;

/** @param lateMs how old a bounded read may be beyond its bound */
function simulation(seed: number, lateMs: number, inventsLocally = false): Simulation {
  let value = 0;
  const past: { readonly atMs: number; readonly value: number }[] = [{ atMs: 0, value: 0 }];
  /** The last value that was reached by a time. */
  const asOf = (atMs: number) => past.findLast((state) => state.atMs <= atMs)?.value ?? 0;
  return {
    seed,
    clients: 4,
    calls: 150,
    next(random) {
      const kind = random.below(4);
      if (kind === 0) return { kind: 'read', consistency: 'local' };
      if (kind === 1) return { kind: 'read', consistency: 'bounded', maxStaleMs: MAX_STALE_MS };
      return { kind: 'add', amount: random.between(2, 9) };
    },
    system: {
      apply({ kind, amount, consistency }, atMs) {
        if (kind === 'read') {
          if (consistency === 'bounded') return asOf(atMs - MAX_STALE_MS - lateMs);
          return inventsLocally ? value - 1 : asOf(atMs - 500);
        }
        value += typeof amount === 'number' ? amount : 0;
        past.push({ atMs, value });
        return value;
      },
    },
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
const read = (from: number, output: number, maxStaleMs?: number): HandmadeCall => ({
  from,
  to: from + 10,
  input:
    maxStaleMs === undefined
      ? { kind: 'read', consistency: 'local' }
      : { kind: 'read', consistency: 'bounded', maxStaleMs },
  output,
});

describe('staleReadsChecker', () => {
  it('finds valid what was as stale as it may be', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const result = await check(staleReadsChecker, simulate(simulation(seed, 0)));
        expect(result).toMatchObject({ verdict: 'valid', findings: [] });
      }),
    );
  });

  it('finds reads that are staler, and values that never were', async () => {
    for (let seed = 0; seed < 30; seed++) {
      const late = await check(staleReadsChecker, simulate(simulation(seed, 300)));
      expect(late.findings[0]?.lines.join('\n')).toMatch(/may be stale by 50 ms/);
      const invented = await check(staleReadsChecker, simulate(simulation(seed, 0, true)));
      expect(invented.findings[0]?.lines.join('\n')).toMatch(/never was|begin at 0/);
    }
  });

  it('counts the bound from the call, and tells when what was acknowledged', async () => {
    const at = (from: number) =>
      check(staleReadsChecker, handmade([add(0, 7, 7), read(from, 0, 100)]));
    expect(await at(110)).toMatchObject({ verdict: 'valid', figures: { stalestBoundedMs: 100 } });
    expect((await at(111)).findings).toEqual([
      {
        lines: [
          'The read called at 0.111 s and answered at 0.121 s may be stale by 100 ms, and returned 0.',
          'But adds of 7 in all had been acknowledged at 0.010 s, 101 ms before it was called.',
        ],
        calls: [0, 2],
      },
    ]);
  });

  it('lets local reads be as old as can be', async () => {
    const history = handmade([add(0, 7, 7), read(90_000, 0)]);
    expect(await check(staleReadsChecker, history)).toMatchObject({
      verdict: 'valid',
      figures: { stalestLocalMs: 89_990 },
    });
  });
});
