import { describe, expect, it } from 'vitest';
import { Coverage } from './coverage.js';
import type { NamedProperty } from './property.js';
import { describeViolation } from './report.js';
import { makeRuns } from './runs.js';
import { freshSeed, seedsFrom } from './seeds.js';
import { shrink } from './shrink.js';
import { type RunRequest, simulate } from './simulation.js';

/** SIMULATION_SEED and SIMULATION_RUNS replay or extend what is run with fresh seeds. */
const baseSeed = Number(process.env.SIMULATION_SEED ?? freshSeed());
const freshRuns = Number(process.env.SIMULATION_RUNS ?? 300);
/** Processes that share the runs. */
const JOBS = 2;
/** A rare kind that the runs missed gets as many runs again, so often at most. */
const MORE_ROUNDS = 4;

describe('simulation', () => {
  const coverage = new Coverage();

  it('keeps every property under faults that nobody has seen before', async ({ progress }) => {
    console.log(`SIMULATION_SEED=${baseSeed} SIMULATION_RUNS=${freshRuns}`);
    const requests = seedsFrom(baseSeed, freshRuns).map((seed) => ({ seed }));
    let failed: RunRequest | undefined;
    await makeRuns(requests, JOBS, (request, summary) => {
      progress();
      coverage.add(summary.coverage);
      if (summary.violation !== null) failed ??= request;
      return failed === undefined;
    });
    if (failed === undefined) return;
    const result = await simulate(failed);
    expect.fail(describeViolation(failed, result, await shrink(failed, result, progress)));
  });

  it('met every kind of fault and every interesting state in these runs, or some more', async ({
    progress,
  }) => {
    // The rarest strikes some ten times in 300 runs: now and then, in none of them.
    for (let round = 1; round <= MORE_ROUNDS && coverage.missing().length > 0; round++) {
      const more = seedsFrom(baseSeed + round * freshRuns, freshRuns).map((seed) => ({ seed }));
      await makeRuns(more, JOBS, (_, summary) => {
        progress();
        coverage.add(summary.coverage);
        return coverage.missing().length > 0;
      });
    }
    console.log(coverage.table());
    expect(coverage.missing()).toEqual([]);
  });

  it('does the same again for the same seed, in another process too', async () => {
    const cut = { maxMessagePieces: 3, maxRequestPieces: 4 };
    const whole = { maxMessagePieces: 1, maxRequestPieces: 1 };
    for (const { mounts, ...options } of [
      { application: 'direct', groupBytes: 0, mounts: false, ...cut },
      { application: 'framework', groupBytes: 256, mounts: false, ...whole },
      { application: 'namespace', groupBytes: 65_536, mounts: false, ...cut },
      { application: 'namespace', groupBytes: 0, mounts: true, ...whole },
    ] as const) {
      const request = { seed: 7, runMs: 5000, mounts, options };
      const [first, second] = [await simulate(request), await simulate(request)];
      expect(second.traceHash).toBe(first.traceHash);
      expect(second.events).toBe(first.events);
      expect(second.coverage.counts()).toEqual(first.coverage.counts());
      await makeRuns([request, request], 2, (_, { traceHash }) => {
        expect(traceHash).toBe(first.traceHash);
        return true;
      });
    }
    const one = await simulate({ seed: 7, runMs: 5000 });
    const other = await simulate({ seed: 8, runMs: 5000 });
    expect(one.traceHash).not.toBe(other.traceHash);
  });

  it('writes a trace that does not change what happens', async () => {
    const lines: string[] = [];
    const traced = await simulate({ seed: 9, runMs: 5000, onTrace: (line) => lines.push(line) });
    const untraced = await simulate({ seed: 9, runMs: 5000 });
    expect(traced.traceHash).toBe(untraced.traceHash);
    expect(lines.some((line) => line.includes('leader'))).toBe(true);
  });
});

describe('shrinking', () => {
  /** Stands for a bug that one kind of fault brings to light. */
  const nobodyIsWiped: NamedProperty = {
    name: 'nobody-is-wiped',
    create: (_world, violate) => ({ wiped: (member) => violate(`member ${member} is wiped`) }),
  };

  it('leaves the faults that matter, and a line that replays them', async () => {
    const properties = [nobodyIsWiped];
    let seed = 1;
    let failed = await simulate({ seed, properties });
    while (failed.violation === undefined) failed = await simulate({ seed: ++seed, properties });
    const request = { seed, properties };
    const shrunk = await shrink(request, failed);
    expect(shrunk.repeatable).toBe(true);
    const { schedule, violation } = shrunk.result;
    expect(violation?.property).toBe('nobody-is-wiped');
    expect(schedule).toHaveLength(1);
    const text = describeViolation(request, failed, shrunk);
    expect(text).toContain('Property violated: nobody-is-wiped');
    expect(text).toContain(`--seed ${seed} --faults ${schedule[0]?.number} --trace`);
    const again = await simulate({ ...request, faults: [schedule[0]?.number ?? 0] });
    expect(again.violation?.property).toBe('nobody-is-wiped');
  });
});
