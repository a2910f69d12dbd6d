import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JepsenError } from '../errors.js';
import { readHistory } from '../histories/file/read-history.js';
import { register } from '../workloads/register.js';
import { DefiniteFailure } from '../workloads/workload.js';
import { FakeSystem } from './fake-cluster.test.support.js';
import type { Progress } from './progress.js';
import { runTest } from './run-test.js';
import type { TestPlan } from './test-plan.js';

describe('a test', () => {
  let store: string;
  beforeEach(async () => {
    store = await mkdtemp(join(tmpdir(), 'jepsen-run-'));
  });
  afterEach(() => rm(store, { recursive: true }));

  const planOf = (system: FakeSystem): TestPlan => ({
    suite: system.suite,
    workload: register,
    nemeses: [],
    seed: 7,
    timeMs: 300,
    members: 3,
    clients: 4,
    callsPerSecond: 400,
    callTimeoutMs: 500,
    patienceMs: 300,
    network: 'proxies',
    store,
    keepsData: 'violation',
    check: { maxDurationMs: 60_000, maxMemoryBytes: 256 * 1024 ** 2, maxThreads: 0 },
  });

  const run = (
    system: FakeSystem,
    signal = new AbortController().signal,
    seen: Progress[] = [],
    plan: Partial<TestPlan> = {},
  ) =>
    runTest(
      { ...planOf(system), ...plan },
      {
        signal,
        onProgress: (progress) => seen.push(progress),
        commands: () => ['again'],
        startCluster: async () => system.cluster(3),
      },
    );

  it('writes down what clients saw, judges it, and leaves nothing running', async () => {
    const system = new FakeSystem();
    const seen: Progress[] = [];
    const { directory, verdict, results } = await run(system, undefined, seen);
    expect(verdict).toBe('valid');
    expect(system.isClosed).toBe(true);
    const { history } = await readHistory(join(directory, 'history.ndjson'));
    const calls = history.events.filter(
      ({ type, process }) => type === 'invoke' && process !== 'nemesis',
    );
    expect(results.counts).toEqual({ calls: calls.length, ok: calls.length, fail: 0, info: 0 });
    expect(calls.length).toBeGreaterThan(4);
    expect(JSON.parse(await readFile(join(directory, 'results.json'), 'utf8'))).toEqual(results);
    expect(await readFile(join(directory, 'roles.ndjson'), 'utf8')).toContain('"1":"leader"');
    expect(await readFile(join(directory, 'report.html'), 'utf8')).toContain('<!doctype html>');
    const phases = new Set(seen.map(({ phase }) => phase));
    expect([...phases]).toEqual([
      'starting',
      'running',
      'healing',
      'reading',
      'comparing',
      'checking',
    ]);
  });

  it('goes by what was answered where it is told to, and not by the clock', async () => {
    const pacing = { answers: 40, strikes: 0 };
    const { verdict, results } = await run(new FakeSystem(), undefined, [], {
      timeMs: 1_000_000_000,
      pacing,
    });
    expect(verdict).toBe('valid');
    expect(results.counts.ok).toBeGreaterThanOrEqual(2 * pacing.answers);
  });

  it('is no leak where many clients wait for its end', async () => {
    const warnings: string[] = [];
    const note = ({ name }: Error) => warnings.push(name);
    process.on('warning', note);
    try {
      await run(new FakeSystem(), undefined, [], { clients: 30, callsPerSecond: 60 });
    } finally {
      process.off('warning', note);
    }
    expect(warnings).toEqual([]);
  });

  it('is invalid where a read is answered with what was never written', async () => {
    const system = new FakeSystem();
    system.answer = async (input) =>
      input.kind === 'read' ? 'from nowhere' : system.carryOut(input);
    expect((await run(system)).verdict).toBe('invalid');
  });

  it('is invalid where members differ at the end', async () => {
    const system = new FakeSystem();
    system.differences = ['n1 holds 4, n2 holds 5'];
    const { verdict, results } = await run(system);
    expect(verdict).toBe('invalid');
    const lines = results.results.flatMap(({ findings }) =>
      findings.flatMap((finding) => finding.lines),
    );
    expect(lines.join('\n')).toContain('n1 holds 4, n2 holds 5');
  });

  it('is unknown where members never say what they hold', async () => {
    const silences = async (count: number) => {
      const system = new FakeSystem();
      system.silences = count;
      return (await run(system)).verdict;
    };
    expect(await silences(Number.POSITIVE_INFINITY)).toBe('unknown');
    expect(await silences(1)).toBe('valid');
  });

  it('tells failures apart from outcomes that nobody knows', async () => {
    const system = new FakeSystem();
    system.answer = async (input) => {
      if (input.kind === 'read') throw new DefiniteFailure('BUSY', 'not now');
      if (input.key === 'k0') throw new Error('the connection broke');
      return system.carryOut(input);
    };
    const { results, directory } = await run(system);
    expect(results.counts.fail).toBeGreaterThan(0);
    expect(results.counts.info).toBeGreaterThan(0);
    const { history } = await readHistory(join(directory, 'history.ndjson'));
    // After a call of unknown outcome nobody calls under that name any more.
    const left = new Set();
    for (const { type, process } of history.events) {
      if (type === 'invoke') expect(left).not.toContain(process);
      if (type === 'info') left.add(process);
    }
  });

  it('fails itself where a member does not start, and says where the logs are', async () => {
    const system = new FakeSystem();
    system.startFailure = new JepsenError('CLUSTER_FAILED', 'n1 ended with code 1');
    const failing = run(system);
    await expect(failing).rejects.toMatchObject({ code: 'CLUSTER_FAILED' });
    await expect(failing).rejects.toThrow(store);
    expect(system.isClosed).toBe(true);
  });

  it('leaves nothing where what it takes is not there', async () => {
    const system = new FakeSystem();
    system.startFailure = new JepsenError('SYSTEM_UNAVAILABLE', 'it is not installed');
    await expect(run(system)).rejects.toMatchObject({ code: 'SYSTEM_UNAVAILABLE' });
    expect(await readdir(store)).toEqual([]);
  });

  it('tells what failed first, where something fails at its end too', async () => {
    const system = new FakeSystem();
    system.startFailure = new JepsenError('CLUSTER_FAILED', 'n1 ended with code 1');
    system.closeFailure = new Error('no room for the last line');
    await expect(run(system)).rejects.toThrow('n1 ended with code 1');
  });

  it('fails itself where a client answers with what no history can hold', async () => {
    const system = new FakeSystem();
    system.answer = () => Promise.resolve(JSON.parse('[1]', () => undefined));
    const failing = run(system);
    await expect(failing).rejects.toMatchObject({ code: 'HISTORY_INVALID' });
    await expect(failing).rejects.toThrow('an output that is no JSON');
  });

  it('says why no client could be had', async () => {
    const system = new FakeSystem();
    const open = () => Promise.reject(new TypeError('places is not defined'));
    const suite = { ...system.suite, clients: { register: open } };
    const { verdict, results } = await run(system, undefined, [], { suite });
    expect(verdict).toBe('invalid');
    const recovery = results.results.find(({ checker }) => checker === 'recovery');
    const lines = recovery?.findings.flatMap((finding) => finding.lines);
    expect(lines).toContain('A client could not be opened: TypeError: places is not defined');
  });

  it('ends its faults early where the history has as many events as it may, and is judged', async () => {
    const plan = { maxEvents: 40, timeMs: 3_600_000 };
    const { verdict, results } = await run(new FakeSystem(), undefined, [], plan);
    expect(verdict).toBe('valid');
    const recovery = results.results.find(({ checker }) => checker === 'recovery');
    expect(recovery?.figures).toEqual({ endedEarly: true });
  });

  it('ends early when it is told to, and leaves nothing running', async () => {
    const system = new FakeSystem();
    const stop = new AbortController();
    system.answer = async (input) => {
      stop.abort(new Error('enough'));
      return system.carryOut(input);
    };
    await expect(run(system, stop.signal)).rejects.toThrow('enough');
    expect(system.isClosed).toBe(true);
  });
});
