import { describe, expect, it } from 'vitest';
import { Coverage } from './coverage.js';
import { describeViolation, freshSeed } from './report.js';
import { type RunResult, simulate } from './simulation.js';

/** SIMULATION_SEED and SIMULATION_RUNS replay or extend what is run with fresh seeds. */
const baseSeed = Number(process.env.SIMULATION_SEED ?? freshSeed());
const freshRuns = Number(process.env.SIMULATION_RUNS ?? 20);
const FIXED_SEEDS = Array.from({ length: 25 }, (_, i) => i + 1);

async function run(seeds: readonly number[], coverage: Coverage): Promise<void> {
  for (const seed of seeds) {
    const result: RunResult = await simulate({ seed });
    coverage.add(result.coverage);
    if (result.violation !== undefined) expect.fail(describeViolation(result));
  }
}

describe('simulation', () => {
  const coverage = new Coverage();

  it('keeps every property under the same faults as always', async () => {
    await run(FIXED_SEEDS, coverage);
  }, 600_000);

  it('keeps every property under faults that nobody has seen before', async () => {
    console.log(`SIMULATION_SEED=${baseSeed} SIMULATION_RUNS=${freshRuns}`);
    const seeds = Array.from({ length: freshRuns }, (_, i) => (baseSeed + i) % 2 ** 32);
    await run(seeds, coverage);
  }, 600_000);

  it('met every kind of fault and every interesting state in these runs', () => {
    console.log(coverage.table());
    expect(coverage.missing()).toEqual([]);
  });

  it('does the same again for the same seed', async () => {
    // One of each application: straight on the replica, the framework, the namespace.
    for (const application of ['direct', 'framework', 'namespace'] as const) {
      const request = { seed: 7, runMs: 5000, options: { application } };
      const [first, second] = [await simulate(request), await simulate(request)];
      expect(second.traceHash).toBe(first.traceHash);
      expect(second.events).toBe(first.events);
      expect(second.coverage.counts()).toEqual(first.coverage.counts());
    }
    const one = await simulate({ seed: 7, runMs: 5000 });
    const other = await simulate({ seed: 8, runMs: 5000 });
    expect(one.traceHash).not.toBe(other.traceHash);
  });

  it('writes a trace that does not change what happens', async () => {
    const lines: string[] = [];
    const traced = await simulate({ seed: 9, runMs: 2000, onTrace: (line) => lines.push(line) });
    const untraced = await simulate({ seed: 9, runMs: 2000 });
    expect(traced.traceHash).toBe(untraced.traceHash);
    expect(lines.some((line) => line.includes('leader'))).toBe(true);
  });
});
