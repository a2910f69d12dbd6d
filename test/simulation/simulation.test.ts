import { describe, expect, it } from 'vitest';
import { Coverage } from './coverage.js';
import { describeViolation, freshSeed } from './report.js';
import { type RunResult, simulate } from './simulation.js';

/** SIMULATION_SEED and SIMULATION_RUNS replay or extend what is run with fresh seeds. */
const baseSeed = Number(process.env.SIMULATION_SEED ?? freshSeed());
const freshRuns = Number(process.env.SIMULATION_RUNS ?? 30);
const FIXED_SEEDS = Array.from({ length: 30 }, (_, i) => i + 1);

async function run(seeds: readonly number[], coverage: Coverage): Promise<void> {
  for (const seed of seeds) {
    const result: RunResult = await simulate({ seed });
    coverage.add(result.coverage);
    if (result.violation !== undefined) expect.fail(describeViolation(result));
  }
}

describe('simulation', () => {
  it('keeps every property under the same faults as always, and meets each kind of them', async () => {
    const coverage = new Coverage();
    await run(FIXED_SEEDS, coverage);
    console.log(coverage.table());
    expect(coverage.missing()).toEqual([]);
  }, 120_000);

  it('keeps every property under faults that nobody has seen before', async () => {
    console.log(`SIMULATION_SEED=${baseSeed} SIMULATION_RUNS=${freshRuns}`);
    const seeds = Array.from({ length: freshRuns }, (_, i) => (baseSeed + i) % 2 ** 32);
    await run(seeds, new Coverage());
  }, 120_000);

  it('does the same again for the same seed', async () => {
    for (const seed of [7, 8]) {
      const [first, second] = [await simulate({ seed }), await simulate({ seed })];
      expect(second.traceHash).toBe(first.traceHash);
      expect(second.events).toBe(first.events);
      expect(second.coverage.counts()).toEqual(first.coverage.counts());
    }
    const [one, other] = [await simulate({ seed: 7 }), await simulate({ seed: 8 })];
    expect(one.traceHash).not.toBe(other.traceHash);
  });

  it('writes a trace that does not change what happens', async () => {
    const lines: string[] = [];
    const traced = await simulate({ seed: 9, faultMs: 2000, onTrace: (line) => lines.push(line) });
    const untraced = await simulate({ seed: 9, faultMs: 2000 });
    expect(traced.traceHash).toBe(untraced.traceHash);
    expect(lines.some((line) => line.includes('leader'))).toBe(true);
  });
});
