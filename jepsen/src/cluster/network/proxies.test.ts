import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Random } from '../../random.js';
import { LocalCluster } from '../local-cluster.js';
import { ask, talkTo, tinyDatabase } from '../tiny-database.test.support.js';
import { MAX_HELD_BYTES } from './passage.js';
import { readAll, TinyNetwork } from './tiny-network.test.support.js';

function echo(socket: Socket): void {
  socket.pipe(socket);
}

/** Once it has passed what was written before. */
async function echoed(socket: Socket, text: string): Promise<string> {
  const answer = once(socket, 'data');
  socket.write(text);
  return String((await answer)[0]);
}

/** Long enough that what is not held comes. */
const HELD_MS = 50;

async function comesWithin<Result>(what: Promise<Result>, ms: number): Promise<boolean> {
  return await Promise.race([what.then(() => true), pause(ms, false)]);
}

describe('proxies', () => {
  it('hold what is sent over a cut link, each direction for itself', async () => {
    const heard: string[] = [];
    await using tiny = await TinyNetwork.open((socket) => {
      socket.on('data', (bytes) => heard.push(String(bytes)));
      socket.pipe(socket);
    });
    const socket = tiny.connect();
    expect(await echoed(socket, 'one')).toBe('one');
    await tiny.network.setLink(1, 'clients', { cut: true });
    const second = echoed(socket, 'two');
    expect(await comesWithin(second, HELD_MS)).toBe(false);
    expect(heard).toEqual(['one', 'two']);
    await tiny.network.setLink(1, 'clients', {});
    expect(await second).toBe('two');

    await tiny.network.setLink('clients', 1, { cut: true });
    const third = echoed(socket, 'three');
    expect(await comesWithin(third, HELD_MS)).toBe(false);
    expect(heard).toEqual(['one', 'two']);
    await tiny.network.heal();
    expect(await third).toBe('three');
    socket.destroy();
  });

  it('let no connection come about while a link is cut', async () => {
    let connections = 0;
    await using tiny = await TinyNetwork.open((socket) => {
      connections++;
      echo(socket);
    });
    for (const [from, to] of [
      ['clients', 1],
      [1, 'clients'],
    ] as const) {
      await tiny.network.setLink(from, to, { cut: true });
      const waiting = tiny.connect();
      const givenUp = tiny.connect();
      givenUp.end('nobody is to hear it');
      await once(givenUp, 'close');
      const answer = echoed(waiting, 'still here');
      expect(await comesWithin(answer, HELD_MS)).toBe(false);
      expect(connections).toBe(0);
      await tiny.network.heal();
      expect(await answer).toBe('still here');
      expect(connections).toBe(1);
      waiting.destroy();
      connections = 0;
    }
  });

  it('hold back who sends more than is let through', async () => {
    await using tiny = await TinyNetwork.open(echo);
    const socket = tiny.connect();
    await echoed(socket, 'hello');
    await tiny.network.setLink('clients', 1, { delayMs: 100_000 });
    const before = process.memoryUsage().arrayBuffers;
    const piece = Buffer.alloc(64 * 1024);
    // Until it waits: the rest is in the kernel's buffers, whose size is the machine's.
    for (let idle = 0; idle < 20; ) {
      if (socket.writableLength > 0) idle++;
      else socket.write(piece);
      await pause(5);
    }
    const grown = process.memoryUsage().arrayBuffers - before;
    expect(grown).toBeLessThan(MAX_HELD_BYTES + 8 * piece.length);
    socket.destroy();
  });

  it('pass an end on as an end, and a break as a break', async () => {
    const ends: (Buffer | string)[] = [];
    let connections = 0;
    await using tiny = await TinyNetwork.open((socket) => {
      connections++;
      void readAll(socket).then((all) => {
        ends.push(typeof all === 'string' ? all : all.toString());
        socket.end('bye');
      });
    });
    const ended = tiny.connect();
    ended.end('hello');
    expect(String(await readAll(ended))).toBe('bye');
    expect(ends).toEqual(['hello']);

    const broken = tiny.connect();
    await once(broken, 'connect');
    while (connections < 2) await pause(1);
    broken.resetAndDestroy();
    while (ends.length < 2) await pause(1);
    expect(ends).toEqual(['hello', 'ECONNRESET']);
  });

  it('reset connections on both sides', async () => {
    const ends: (Buffer | string)[] = [];
    await using tiny = await TinyNetwork.open((socket) => {
      socket.write('hello');
      void readAll(socket).then((all) => ends.push(all));
    });
    const socket = tiny.connect();
    await once(socket, 'data');
    const end = readAll(socket);
    await tiny.network.reset(1, 'clients');
    expect(await end).toBe('ECONNRESET');
    while (ends.length < 1) await pause(1);
    expect(ends).toEqual(['ECONNRESET']);
  });

  it('refuse connections while nobody listens at the member', async () => {
    await using tiny = await TinyNetwork.open(echo);
    await tiny.stopServing();
    while ((await readAll(tiny.connect())) !== 'ECONNREFUSED');
    await tiny.network.setLink('clients', 1, { cut: true });
    const cutOff = tiny.connect();
    const end = readAll(cutOff);
    expect(await comesWithin(end, HELD_MS)).toBe(false);
    await tiny.network.heal();
    expect(await end).toBe('ECONNRESET');
    while ((await readAll(tiny.connect())) !== 'ECONNREFUSED');
    await tiny.serve((socket) => socket.end('back'));
    for (;;) {
      const answer = await readAll(tiny.connect());
      if (String(answer) === 'back') break;
      expect(answer).toBe('ECONNREFUSED');
    }
  });

  it('refuse what is no fault', async () => {
    await using tiny = await TinyNetwork.open(echo);
    for (const fault of [{ delayMs: -1 }, { lossShare: 2 }, { sliceBytes: 0 }, { jitterMs: NaN }]) {
      const set = tiny.network.setLink(1, 'clients', fault);
      await expect(set).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
    }
  });

  it('tell members from each other and from clients', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'jepsen-test-'));
    const { signal } = new AbortController();
    const options = { database: tinyDatabase, members: 3, directory, random: new Random(1) };
    try {
      await using cluster = await LocalCluster.open(options, signal);
      await Promise.all(cluster.members.map(({ id }) => cluster.start(id, signal)));
      const [first, second, third] = cluster.members;
      if (first === undefined || second === undefined || third === undefined) throw new Error();
      const through = (via: typeof first, to: typeof first): Promise<string> =>
        ask(talkTo(via), `ask ${to.peerAddresses.talk}`);

      await cluster.network.setLink(1, 2, { cut: true });
      const cut = through(first, second);
      expect(await through(first, third)).toContain('n3');
      expect(await through(third, second)).toContain('n2');
      expect(await ask(talkTo(second), 'ping')).toContain('n2');
      // A connection needs both directions.
      const back = through(second, first);
      expect(await comesWithin(Promise.race([cut, back]), HELD_MS)).toBe(false);
      await cluster.network.heal();
      expect(await cut).toContain('n2');
      expect(await back).toContain('n1');

      await cluster.network.setLink('clients', 3, { cut: true });
      expect(await comesWithin(ask(talkTo(third), 'ping'), HELD_MS)).toBe(false);
      expect(await through(first, third)).toContain('n3');
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
