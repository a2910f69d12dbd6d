import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadSuite } from '../suites/known-suites.js';
import { workloadNamed } from '../workloads/known-workloads.js';
import { runTest, type TestOutcome } from './run-test.js';
import { startCluster } from './start-cluster.js';
import type { TestPlan } from './test-plan.js';

const ETCD = '/usr/bin/etcd';

describe('a test of real processes', () => {
  let store: string;
  beforeEach(async () => {
    store = await mkdtemp(join(tmpdir(), 'jepsen-real-'));
  });
  afterEach(() => rm(store, { recursive: true }));

  async function run(
    suiteName: string,
    workloadName: string,
    timeMs = 1_500,
  ): Promise<TestOutcome> {
    const workload = workloadNamed(workloadName);
    if (workload === undefined) throw new RangeError(`no workload ${workloadName}`);
    const plan: TestPlan = {
      suite: await loadSuite(suiteName),
      workload,
      nemeses: [],
      seed: 5,
      timeMs,
      members: 3,
      clients: 6,
      callsPerSecond: 200,
      callTimeoutMs: 30_000,
      patienceMs: 600_000,
      network: 'proxies',
      store,
      keepsData: 'violation',
      check: { maxDurationMs: 600_000, maxMemoryBytes: 256 * 1024 ** 2, maxThreads: 0 },
    };
    return await runTest(plan, {
      signal: new AbortController().signal,
      onProgress: () => {},
      commands: () => [],
      startCluster: (directory, signal) => startCluster(plan, directory, signal),
    });
  }

  it('finds out a register that acknowledges before the other members have it', async () => {
    // Until enough was called for it to show, however slow this machine is.
    for (let timeMs = 1_500; ; timeMs *= 2) {
      const { verdict, results } = await run('broken-register', 'register', timeMs);
      if (verdict === 'valid') continue;
      expect(verdict).toBe('invalid');
      expect(results.counts.ok).toBeGreaterThan(0);
      return;
    }
  });

  it.each(['register', 'counter', 'lock'])(
    'finds the service on the framework valid: %s',
    async (workload) => {
      const { verdict, results } = await run('key-value', workload);
      expect(results.results.filter((result) => result.verdict !== 'valid')).toEqual([]);
      expect(verdict).toBe('valid');
      expect(results.counts.ok).toBeGreaterThan(0);
    },
  );

  it.each(['inode', 'names'])('finds our masters valid: %s', async (workload) => {
    const { verdict, results } = await run('inode-app', workload);
    expect(results.results.filter((result) => result.verdict !== 'valid')).toEqual([]);
    expect(verdict).toBe('valid');
    expect(results.counts.ok).toBeGreaterThan(0);
  });

  it('finds etcd valid, where it is installed', async () => {
    if (!existsSync(ETCD)) return;
    const { verdict, results } = await run('etcd', 'register');
    expect(verdict).toBe('valid');
    expect(results.counts.ok).toBeGreaterThan(0);
  });
});
