import { expect, it } from 'vitest';
import { Random } from '../random.js';
import { NemesisComposition } from './composition.js';
import { FakeCluster } from './fake-cluster.test.support.js';
import type { Nemesis } from './nemesis.js';
import { chooseNemeses } from './nemesis-list.js';
import { CallList } from './recorder.test.support.js';
import { VirtualTime } from './virtual-time.test.support.js';

const NAMES = ['partition', 'kill', 'terminate', 'pause', 'network', 'disk-full', 'power-loss'];

interface Run {
  readonly calls: CallList;
  readonly cluster: FakeCluster;
  readonly virtualMs: number;
  readonly failure: unknown;
}

interface Setting {
  readonly seed?: number;
  readonly nemeses?: readonly Nemesis[];
  readonly durationMs?: number;
  readonly abortAtMs?: number;
  readonly before?: (cluster: FakeCluster, time: VirtualTime) => void;
}

async function torment(setting: Setting = {}): Promise<Run> {
  await using cluster = await FakeCluster.of(5);
  const time = new VirtualTime();
  const calls = new CallList();
  const composition = new NemesisComposition({
    cluster,
    nemeses: setting.nemeses ?? chooseNemeses(NAMES, cluster.database),
    random: new Random(setting.seed ?? 1),
    pause: time.pause,
    maxHealingMs: 30_000,
  });
  await composition.prepare();
  setting.before?.(cluster, time);
  const ending = new AbortController();
  if (setting.abortAtMs !== undefined) {
    void time.pause(setting.abortAtMs, new AbortController().signal).then(() => ending.abort());
  }
  const running = composition.run({
    recorder: calls,
    durationMs: setting.durationMs ?? 60_000,
    signal: ending.signal,
  });
  const failure = await time.until(running).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { calls, cluster, virtualMs: time.nowMs, failure };
}

it('strikes and heals all the time, and leaves everything as it was', async () => {
  for (let seed = 0; seed < 10; seed++) {
    const { calls, cluster, failure } = await torment({ seed });
    expect(failure).toBeUndefined();
    expect(calls.calls.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(cluster.notAtRest()).toEqual([]);
    const struck = [...calls.calls.keys()].filter(
      (call) => calls.calls[call]?.input.kind !== 'heal',
    );
    expect(struck.length).toBeGreaterThan(15);
    const kinds = struck.map((call) => calls.calls[call]?.input.kind);
    expect(new Set(kinds)).toEqual(new Set(NAMES));
    const healed = calls.calls.slice(0, -1).flatMap(({ input }) => input.fault ?? []);
    expect(new Set(healed)).toEqual(new Set(struck));
    expect(healed).toHaveLength(struck.length);
    expect(calls.calls.at(-1)).toEqual({ input: { kind: 'heal' }, output: { ended: [] } });
  }
});

it('says what each strike did', async () => {
  const { calls } = await torment({ nemeses: chooseKill() });
  const [first] = calls.calls;
  expect(first?.input).toEqual({ kind: 'kill-one' });
  expect(first?.output).toEqual({ kind: 'kill-one', members: [expect.any(Number)] });
});

it('does the same for the same seed', async () => {
  const [one, other] = [await torment({ seed: 4 }), await torment({ seed: 4 })];
  expect(one.calls.calls).toEqual(other.calls.calls);
  expect(one.cluster.did).toEqual(other.cluster.did);
  const third = await torment({ seed: 5 });
  expect(third.calls.calls).not.toEqual(one.calls.calls);
});

it('begins no strike once its time is over, nor stays beyond it', async () => {
  const { virtualMs, cluster } = await torment({ durationMs: 10_000 });
  expect(virtualMs).toBeGreaterThanOrEqual(10_000);
  expect(virtualMs).toBeLessThan(11_000);
  expect(cluster.notAtRest()).toEqual([]);
});

it('strikes however short its time is', async () => {
  const rare: Nemesis = {
    ...only(),
    name: 'rare',
    pausesMs: 60_000,
    strike: async () => ({ input: { kind: 'rare' }, heal: async () => ({}) }),
  };
  for (let seed = 0; seed < 10; seed++) {
    const { calls } = await torment({ seed, nemeses: [rare], durationMs: 4_000 });
    expect(calls.calls.map(({ input }) => input.kind)).toContain('rare');
  }
});

it('waits for the first strike beyond its time, and for no other', async () => {
  const slow: Nemesis = {
    ...only(),
    lastsMs: 1,
    pausesMs: 1,
    strike: async ({ pause, signal }) => {
      await pause(9_000, signal);
      signal.throwIfAborted();
      return { input: { kind: 'slow' }, heal: async () => ({}) };
    },
  };
  const brief = await torment({ nemeses: [slow], durationMs: 4_000 });
  expect(brief.calls.calls[0]?.output).toEqual({ kind: 'slow' });
  const longer = await torment({ nemeses: [slow], durationMs: 15_000 });
  expect(longer.calls.calls[2]?.error).toBeDefined();
  expect(longer.virtualMs).toBeLessThan(16_000);
  const ended = await torment({ nemeses: [slow], durationMs: 60_000, abortAtMs: 2_000 });
  expect(ended.virtualMs).toBeLessThan(3_000);
});

it('heals everything where it is ended early', async () => {
  for (let seed = 0; seed < 10; seed++) {
    const { virtualMs, cluster, failure } = await torment({ seed, abortAtMs: 7_000 });
    expect(failure).toBeUndefined();
    expect(virtualMs).toBeLessThan(8_000);
    expect(cluster.notAtRest()).toEqual([]);
  }
});

it('starts a member that ended by itself, and tells which', async () => {
  const { calls } = await torment({
    nemeses: [],
    before: (cluster) => cluster.crash(3),
  });
  expect(calls.calls).toEqual([{ input: { kind: 'heal' }, output: { ended: [3] } }]);
});

it('waits as long as it is to run where it has no nemeses', async () => {
  const { virtualMs } = await torment({ nemeses: [], durationMs: 5_000 });
  expect(virtualMs).toBe(5_000);
});

it('fails where a member does not come back, and names it', async () => {
  const { failure, calls, cluster } = await torment({
    nemeses: chooseKill(),
    before: (struck) => struck.refusing.add(2),
  });
  expect(failure).toMatchObject({ code: 'CLUSTER_FAILED' });
  expect(String(failure)).toContain('member 2 does not start');
  expect(String(failure)).toContain('n2.log');
  expect(calls.calls.at(-1)?.error?.code).toBe('CLUSTER_FAILED');
  expect(cluster.notAtRest()).toEqual(['2 ended']);
});

it('fails where a fault can not be undone, and undoes all others', async () => {
  const stuck: Nemesis = {
    ...only(),
    name: 'stuck',
    strike: async () => ({
      input: { kind: 'stuck' },
      heal: () => Promise.reject(new Error('the valve is stuck')),
    }),
  };
  const { failure, cluster } = await torment({ nemeses: [stuck, ...chooseKill()] });
  expect(failure).toMatchObject({ code: 'CLUSTER_FAILED' });
  expect(String(failure)).toContain('stuck (call');
  expect(String(failure)).toContain('the valve is stuck');
  expect(cluster.notAtRest()).toEqual([]);
});

it('fails where a healing never ends', async () => {
  const endless: Nemesis = {
    ...only(),
    strike: async () => ({
      input: { kind: 'endless' },
      heal: () => new Promise(() => undefined),
    }),
  };
  const { failure } = await torment({ nemeses: [endless] });
  expect(String(failure)).toContain('it took longer than 30000 ms');
});

it('goes on after a strike that failed', async () => {
  let strikes = 0;
  const shy: Nemesis = {
    ...only(),
    strike: async () => {
      strikes += 1;
      if (strikes === 1) throw new Error('not today');
      return { input: { kind: 'shy' }, heal: async () => ({ strikes }) };
    },
  };
  const { calls, failure } = await torment({ nemeses: [shy] });
  expect(failure).toBeUndefined();
  expect(calls.calls[0]?.error).toEqual({ code: 'NEMESIS_FAILED', message: 'not today' });
  expect(calls.calls[1]?.output).toEqual({ kind: 'shy' });
  expect(calls.calls[2]?.output).toEqual({ strikes: 2 });
});

it('refuses to run what can not be had, with the reason', async () => {
  await using cluster = await FakeCluster.of(3);
  const absent: Nemesis = { ...only(), unavailable: async () => 'it takes root' };
  const composition = new NemesisComposition({
    cluster,
    nemeses: [absent],
    random: new Random(1),
  });
  await expect(composition.prepare()).rejects.toMatchObject({
    code: 'NEMESIS_UNAVAILABLE',
    message: "only can't be had: it takes root",
  });
});

function chooseKill(): readonly Nemesis[] {
  return chooseNemeses(['kill-one'], {
    name: 'any',
    ports: [],
    command: () => ({ file: 'any', args: [] }),
    isServing: async () => true,
  });
}

function only(): Nemesis {
  return {
    name: 'only',
    proves: 'Nothing',
    lastsMs: 1_000,
    pausesMs: 1_000,
    unavailable: async () => undefined,
    strike: () => Promise.reject(new Error('to be replaced')),
  };
}
