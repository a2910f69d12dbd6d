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
import { lockChecker } from './lock-checker.js';

const LEASE_MS = 40;

interface LockFaults {
  /** Grants the lock although somebody holds it. */
  readonly grantsTwice?: boolean;
  readonly tokensRunBack?: boolean;
  readonly acceptsStaleWrites?: boolean;
}

function simulation(seed: number, hasLease: boolean, faults: LockFaults = {}): Simulation {
  let holder: number | undefined;
  let heldUntilMs = 0;
  let lastToken = 0;
  let highestWritten = 0;
  let calls = 0;
  const tokens = new Map<number, number>();
  return {
    seed,
    clients: 4,
    calls: 300,
    next(random, process) {
      const token = tokens.get(process % 4);
      if (token === undefined) {
        return { kind: 'acquire', lock: 'a', ...(hasLease ? { leaseMs: LEASE_MS } : {}) };
      }
      if (random.chance(0.6)) return { kind: 'write', lock: 'a', token };
      tokens.delete(process % 4);
      return { kind: 'release', lock: 'a', token };
    },
    answered(process, { kind }, output) {
      if (kind === 'acquire' && typeof output === 'number') tokens.set(process, output);
    },
    system: {
      apply({ kind, token }: CallInput, atMs) {
        calls += 1;
        const isHeld = holder !== undefined && (!hasLease || atMs < heldUntilMs);
        if (kind === 'acquire') {
          if (isHeld && !(faults.grantsTwice === true && calls % 5 === 0)) return null;
          lastToken += faults.tokensRunBack === true && calls > 100 ? -1 : 1;
          holder = lastToken;
          heldUntilMs = atMs + LEASE_MS;
          return lastToken;
        }
        if (kind === 'release') {
          if (!isHeld || holder !== token) return false;
          holder = undefined;
          return true;
        }
        if (typeof token !== 'number') return false;
        if (token < highestWritten && faults.acceptsStaleWrites !== true) return false;
        highestWritten = Math.max(highestWritten, token);
        return true;
      },
    },
    unknownShare: hasLease ? 0.1 : 0,
    failedShare: hasLease ? 0.05 : 0,
  };
}

const acquire = (from: number, output: number | null, leaseMs?: number): HandmadeCall => ({
  from,
  to: from + 10,
  input: { kind: 'acquire', lock: 'a', ...(leaseMs === undefined ? {} : { leaseMs }) },
  output,
});
const call = (from: number, kind: string, token: number, output?: boolean): HandmadeCall => ({
  from,
  ...(output === undefined ? {} : { to: from + 10, output }),
  input: { kind, lock: 'a', token },
});

describe('lockChecker', () => {
  it.each([true, false])('finds valid what a lock did (leases: %s)', async (hasLease) => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        expect(await check(lockChecker, simulate(simulation(seed, hasLease)))).toMatchObject({
          verdict: 'valid',
          findings: [],
        });
      }),
    );
  });

  it.each<[string, boolean, LockFaults, RegExp]>([
    ['two holders', false, { grantsTwice: true }, /both held it/],
    ['tokens that run back', false, { tokensRunBack: true }, /runs back|given twice/],
    ['stale writes', true, { acceptsStaleWrites: true }, /its holder had lost the lock/],
  ])('finds %s', async (_, hasLease, faults, words) => {
    const spoilt = (seed: number) => simulation(seed, hasLease, faults);
    expect(await seedsWithFinding(lockChecker, 30, spoilt, words)).toBeGreaterThan(15);
  });

  it.each<[string, readonly HandmadeCall[], RegExp]>([
    ['two holders', [acquire(0, 1), acquire(100, 2)], /token 1 .* token 2 .*both held it/s],
    [
      'two holders with leases',
      [acquire(0, 1, 500), acquire(100, 2, 500)],
      /its lease had not ended/,
    ],
    [
      'a token given twice',
      [acquire(0, 1), call(20, 'release', 1, true), acquire(100, 1)],
      /is given twice/,
    ],
    [
      'a token that runs back',
      [acquire(0, 2), call(20, 'release', 2, true), acquire(100, 1)],
      /runs back/,
    ],
    ['a grant that was lost', [acquire(0, 1), call(100, 'release', 1, false)], /it was lost/],
    [
      'a stale write',
      [call(0, 'write', 2, true), call(100, 'write', 1, true)],
      /later token 2 had been accepted at 0.010 s/,
    ],
  ])('tells %s', async (_, calls, words) => {
    const result = await check(lockChecker, handmade(calls));
    expect(result.verdict).toBe('invalid');
    expect(result.findings.map(({ lines }) => lines.join('\n')).join('\n')).toMatch(words);
  });

  it.each<[string, readonly HandmadeCall[]]>([
    [
      'a grant after a release of unknown outcome',
      [acquire(0, 1), call(50, 'release', 1), acquire(100, 2)],
    ],
    ['a grant after a lease', [acquire(0, 1, 90), acquire(100, 2, 90)]],
    [
      'a grant whose lease was over before its answer',
      [{ ...acquire(0, 1, 20), to: 60 }, acquire(30, 2, 90)],
    ],
    ['a lock that was refused', [acquire(0, 1), acquire(100, null)]],
    ['a late write that was refused', [call(0, 'write', 2, true), call(100, 'write', 1, false)]],
    ['writes that overlap', [call(0, 'write', 2, true), call(5, 'write', 1, true)]],
    ['a second release', [acquire(0, 1), call(50, 'release', 1), call(100, 'release', 1, false)]],
  ])('finds nothing in %s', async (_, calls) => {
    expect(await check(lockChecker, handmade(calls))).toMatchObject({ verdict: 'valid' });
  });
});
