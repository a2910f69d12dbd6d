import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Random } from '../../random.js';
import { LocalCluster } from '../local-cluster.js';
import { ask, connectTo, talkTo, tinyDatabase } from '../tiny-database.test.support.js';
import { namespacesProblem } from './namespaces.js';
import { readAll } from './tiny-network.test.support.js';

const { signal } = new AbortController();
const HELD_MS = 100;

async function comesWithin<Result>(what: Promise<Result>, ms: number): Promise<boolean> {
  return await Promise.race([what.then(() => true), pause(ms, false)]);
}

describe('namespaces', () => {
  it('cut, heal and reset links between members and clients, and leave nothing', async () => {
    const problem = await namespacesProblem();
    if (problem !== undefined) {
      console.log(problem);
      return;
    }
    const directory = mkdtempSync(join(tmpdir(), 'jepsen-test-'));
    const options = { database: tinyDatabase, members: 2, directory, random: new Random(1) };
    const cluster = await LocalCluster.open({ ...options, network: 'namespaces' }, signal);
    const namespace = cluster.network.enter(1)[1]?.slice('--net='.length) ?? '';
    try {
      const { network, members } = cluster;
      await Promise.all(members.map(({ id }) => cluster.start(id, signal)));
      const [first, second] = members;
      if (first === undefined || second === undefined) throw new Error('two were asked for');
      const there = `ask ${second.peerAddresses.talk}`;
      expect(existsSync(namespace)).toBe(true);
      expect(await ask(talkTo(first), there)).toBe(`n2 ${cluster.processId(2)}`);
      await network.setLink(1, 2, { cut: true });
      const cut = ask(talkTo(first), there);
      expect(await comesWithin(cut, HELD_MS)).toBe(false);
      expect(await ask(talkTo(second), 'ping')).toContain('n2');
      await network.heal();
      expect(await cut).toContain('n2');

      await network.setLink(2, 'clients', { cut: true });
      const unanswered = ask(talkTo(second), 'ping');
      expect(await comesWithin(unanswered, HELD_MS)).toBe(false);
      expect(await ask(talkTo(first), there)).toContain('n2');
      await network.setLink(2, 'clients', { lossShare: 0.1 });
      await network.heal();
      expect(await unanswered).toContain('n2');

      if (network.unavailable.reset === undefined) {
        const socket = connectTo(talkTo(first));
        await once(socket, 'connect');
        const end = readAll(socket);
        await network.reset('clients', 1);
        expect(['ECONNRESET', 'ECONNABORTED']).toContain(await end);
      }
      if (network.unavailable.bytesPerSecond === undefined) {
        await network.setLink(1, 'clients', { bytesPerSecond: 100_000 });
        await network.setLink('clients', 1, { bytesPerSecond: 100_000 });
        expect(await ask(talkTo(first), there)).toContain('n2');
        await network.heal();
        expect(await ask(talkTo(first), there)).toContain('n2');
      }
      const sliced = network.setLink(1, 2, { sliceBytes: 1 });
      await expect(sliced).rejects.toMatchObject({ code: 'NEMESIS_UNAVAILABLE' });
    } finally {
      await cluster[Symbol.asyncDispose]();
      rmSync(directory, { recursive: true, force: true });
    }
    expect(existsSync(namespace)).toBe(false);
  });
});
