import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FakeCluster } from '../fake-cluster.test.support.js';
import { VirtualTime } from '../virtual-time.test.support.js';
import { combineLinkFaults } from './combine-link-faults.js';
import { HoldStack } from './hold.js';
import { Holds } from './holds.js';
import { repeating } from './repeating.js';

async function holdsOf(count: number) {
  const cluster = await FakeCluster.of(count);
  return { cluster, holds: new Holds(cluster, new VirtualTime().pause) };
}

it('puts together what several do to one link, and takes each away by itself', async () => {
  const { cluster, holds } = await holdsOf(3);
  await using _ = cluster;
  const slow = await holds.links.suffer([{ from: 1, to: 2, fault: { delayMs: 10 } }]);
  const cut = await holds.links.suffer([
    { from: 1, to: 2, fault: { cut: true } },
    { from: 2, to: 1, fault: { cut: true } },
  ]);
  expect(cluster.links.get('1>2')).toEqual({ cut: true, delayMs: 10 });
  await slow.release();
  expect(cluster.links.get('1>2')).toEqual({ cut: true });
  await cut.release();
  expect(cluster.notAtRest()).toEqual([]);
});

it('adds delays, takes the least rate, and what comes through both losses', () => {
  const both = combineLinkFaults([
    { delayMs: 10, bytesPerSecond: 500, lossShare: 0.5 },
    { delayMs: 20, jitterMs: 3, bytesPerSecond: 100, sliceBytes: 7, lossShare: 0.5 },
  ]);
  expect(both).toEqual({
    delayMs: 30,
    jitterMs: 3,
    bytesPerSecond: 100,
    sliceBytes: 7,
    lossShare: 0.75,
  });
});

it('starts members with all that is wanted around them, and the least limit', async () => {
  const { cluster, holds } = await holdsOf(1);
  await using _ = cluster;
  const tracer = holds.surroundings.with(1, { prefix: ['tracer'], openFiles: 90 });
  const clock = holds.surroundings.with(1, { environment: { CLOCK: 'a' }, openFiles: 50 });
  expect(cluster.surroundings.get(1)).toEqual({
    prefix: ['tracer'],
    environment: { CLOCK: 'a' },
    openFiles: 50,
  });
  await clock.release();
  await tracer.release();
  expect(cluster.surroundings.get(1)).toEqual({
    prefix: [],
    environment: {},
    openFiles: undefined,
  });
});

it('sets a clock by the sum of what is added, and right again after the last', async () => {
  const { cluster, holds } = await holdsOf(2);
  await using _ = cluster;
  await holds.clocks.prepare('/lib/libfaketime.so.1');
  const file = join(cluster.scratchDirectory, 'clocks', 'n1');
  const hour = await holds.clocks.ahead(1, 3_600_000);
  const back = await holds.clocks.ahead(1, -3_600_500);
  expect(await readFile(file, 'utf8')).toBe('-0.500\n');
  await hour.release();
  await back.release();
  expect(await readFile(file, 'utf8')).toBe('+0.000\n');
  expect(await holds.clocks.offsetMs(1)).toBe(0);
});

it('has a member drift on all its clocks from a start on, and not after the next', async () => {
  const { cluster, holds } = await holdsOf(2);
  await using _ = cluster;
  await holds.clocks.prepare('/lib/libfaketime.so.1');
  const drifting = await holds.clocks.drifting(2, 1.05);
  expect(cluster.did).toEqual(['kill 2 SIGTERM', 'launch 2']);
  const environment = cluster.surroundings.get(2)?.environment ?? {};
  expect(environment.FAKETIME_DONT_FAKE_MONOTONIC).toBe('0');
  const file = environment.FAKETIME_TIMESTAMP_FILE ?? '';
  expect(await readFile(file, 'utf8')).toBe('+0.000 x1.050\n');
  await drifting.release();
  expect(cluster.surroundings.get(2)?.environment?.FAKETIME_DONT_FAKE_MONOTONIC).toBe('1');
  expect(cluster.did.slice(2)).toEqual(['kill 2 SIGTERM', 'launch 2']);
});

it('has a disk full that was full before its power went', async () => {
  const { cluster, holds } = await holdsOf(3);
  await using _ = cluster;
  const full = await holds.disks.full(2, 4_096);
  const dark = await Promise.all([2, 3].map((id) => holds.disks.withoutPower(id)));
  expect(cluster.filled).toEqual(new Set([2]));
  expect(cluster.states).toEqual(
    new Map([
      [1, 'running'],
      [2, 'ended'],
      [3, 'ended'],
    ]),
  );
  await full.release();
  await Promise.all(dark.map((hold) => hold.release()));
  expect(cluster.notAtRest()).toEqual([]);
});

it('has a member whose power went twice down until both are over', async () => {
  const { cluster, holds } = await holdsOf(3);
  await using _ = cluster;
  const both = await Promise.all([2, 2].map((id) => holds.disks.withoutPower(id)));
  await both[0]?.release();
  expect(cluster.states.get(2)).toBe('ended');
  await both[1]?.release();
  expect(cluster.notAtRest()).toEqual([]);
});

it('gives a disk its room while files are changed, and takes it again', async () => {
  const { cluster, holds } = await holdsOf(1);
  await using _ = cluster;
  const full = await holds.disks.full(1, 0);
  const hadRoom = await holds.disks.change(1, async () => !cluster.filled.has(1));
  expect(hadRoom).toBe(true);
  expect(cluster.filled.has(1)).toBe(true);
  await full.release();
  expect(cluster.filled.has(1)).toBe(false);
});

it('undoes the rest where one thing can not be undone', async () => {
  const stack = new HoldStack();
  const undone: number[] = [];
  stack.defer(async () => ({ first: undone.push(1) }));
  stack.defer(() => Promise.reject(new Error('stuck')));
  stack.defer(async () => ({ third: undone.push(3) }));
  await expect(stack.release()).rejects.toThrow('stuck');
  expect(undone).toEqual([3, 1]);
});

it('keeps what came of several holds where one fails, to be undone', async () => {
  const stack = new HoldStack();
  const undone: string[] = [];
  const late = new Promise<void>((resolve) => setImmediate(resolve)).then(() => ({
    release: async () => void undone.push('late'),
  }));
  await expect(stack.addAll([Promise.reject(new Error('refused')), late])).rejects.toThrow(
    'refused',
  );
  await stack.release();
  expect(undone).toEqual(['late']);
});

it('tells at its release what went wrong in a round', async () => {
  const rounds = repeating(() => Promise.reject(new Error('no such link')));
  await new Promise<void>((resolve) => setImmediate(resolve));
  await expect(rounds.release()).rejects.toThrow('no such link');
});
