import { expect, it } from 'vitest';
import { Random } from '../../random.js';
import { FakeCluster } from '../fake-cluster.test.support.js';
import { VirtualTime } from '../virtual-time.test.support.js';
import { HeldMembers } from './held-members.js';
import type { Hold } from './hold.js';

async function heldMembers() {
  const cluster = await FakeCluster.of(3);
  return { cluster, members: new HeldMembers(cluster, new VirtualTime().pause) };
}

it('starts a member again with the last that holds it down, whatever the order', async () => {
  for (const firstToGo of [0, 1]) {
    const { cluster, members } = await heldMembers();
    await using _ = cluster;
    const holds = [await members.down(2, 'SIGKILL'), await members.down(2, 'SIGTERM')];
    await holds[firstToGo]?.release();
    expect(cluster.states.get(2)).toBe('ended');
    await holds[firstToGo]?.release();
    expect(cluster.states.get(2)).toBe('ended');
    await holds[1 - firstToGo]?.release();
    expect(cluster.states.get(2)).toBe('running');
  }
});

it('has a paused member that was killed stand still again once it is started', async () => {
  const { cluster, members } = await heldMembers();
  await using _ = cluster;
  const paused = await members.paused(1);
  const down = await members.down(1, 'SIGTERM');
  await down.release();
  expect(cluster.states.get(1)).toBe('paused');
  await paused.release();
  expect(cluster.states.get(1)).toBe('running');
});

it('starts who was killed while paused, where the pause ends first or last', async () => {
  for (const pauseEndsFirst of [true, false]) {
    const { cluster, members } = await heldMembers();
    await using _ = cluster;
    const [paused, down] = [await members.paused(1), await members.down(1, 'SIGKILL')];
    await (pauseEndsFirst ? paused : down).release();
    await (pauseEndsFirst ? down : paused).release();
    expect(cluster.states.get(1)).toBe('running');
  }
});

it('starts who ended by itself, and tells so', async () => {
  const { cluster, members } = await heldMembers();
  await using _ = cluster;
  cluster.crash(3);
  expect(await members.settle(3)).toBe(true);
  expect(await members.settle(3)).toBe(false);
  expect(cluster.states.get(3)).toBe('running');
});

it('is what its holds say after each step, and runs after the last, in whatever order they come and go', async () => {
  for (let seed = 0; seed < 200; seed++) {
    const random = new Random(seed);
    const { cluster, members } = await heldMembers();
    await using _ = cluster;
    const held: { readonly kind: 'down' | 'paused'; readonly id: number; readonly hold: Hold }[] =
      [];
    for (let step = 0; step < 30; step++) {
      const id = random.between(1, 3);
      const what = random.pick([
        'down',
        'paused',
        'release',
        'release',
        'restart',
        'crash',
      ] as const);
      const how = random.pick(['SIGKILL', 'SIGTERM'] as const);
      if (what === 'down') held.push({ kind: what, id, hold: await members.down(id, how) });
      if (what === 'paused') held.push({ kind: what, id, hold: await members.paused(id) });
      if (what === 'restart') await members.restart(id, how);
      if (what === 'release') await held.splice(random.below(held.length), 1)[0]?.hold.release();
      if (what === 'crash' && cluster.isRunning(id)) {
        cluster.crash(id);
        await members.settle(id);
      }
      for (const [member, state] of cluster.states) {
        const kinds = held.filter((one) => one.id === member).map(({ kind }) => kind);
        const due = kinds.includes('down')
          ? 'ended'
          : kinds.includes('paused')
            ? 'paused'
            : 'running';
        expect(`${seed} ${step} ${member} ${state}`).toBe(`${seed} ${step} ${member} ${due}`);
      }
    }
    await Promise.all(held.map(({ hold }) => hold.release()));
    expect(cluster.notAtRest()).toEqual([]);
  }
});
