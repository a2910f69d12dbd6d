import { decodePayload, type FrameChannelEvents, type WireValue } from '@raft-ts/net';
import { describe, expect, it } from 'vitest';
import { Coverage } from '../coverage.js';
import { MachineClock } from '../machine-clock.js';
import { VirtualProcess } from '../process.js';
import { Random } from '../random.js';
import { VirtualTime } from '../time.js';
import { VirtualNetwork } from './network.js';
import { VirtualChannel } from './virtual-channel.js';

/** What one end was told, in order. */
class Recorded {
  readonly values: WireValue[] = [];
  readonly chunks: number[] = [];
  readonly closed: string[] = [];
  readonly events: FrameChannelEvents = {
    frame: (bytes, start, end) => this.values.push(decodePayload(bytes, start, end)),
    chunk: () => this.chunks.push(this.values.length),
    closed: (error) => this.closed.push(error?.message ?? 'in good order'),
  };
}

function connect(seed: number, maxPieces = 5) {
  const time = new VirtualTime();
  const random = new Random(seed);
  const options = { delayMs: 10, lateRate: 0 };
  const network = new VirtualNetwork(time, random.fork('network'), options, new Coverage());
  const side = (node: number) => {
    const process = new VirtualProcess(`${node}`, time, new MachineClock(time));
    network.attach(node, process);
    return { node, process };
  };
  const [near, far] = [side(1), side(2)];
  const cutting = { maxPieces, random: random.fork('pieces'), onCut: () => {} };
  const [client, server] = VirtualChannel.pair(near, far, network, cutting, new Coverage());
  const [atClient, atServer] = [new Recorded(), new Recorded()];
  client.bind(atClient.events);
  server.bind(atServer.events);
  const pass = (ms: number) => time.run(time.nowMs + ms, () => false);
  return { network, near, far, client, server, atClient, atServer, pass };
}

const SEEDS = Array.from({ length: 50 }, (_, i) => i);

describe('a virtual channel', () => {
  it('carries values whole and in order, wherever their bytes are cut', async () => {
    let piecesWithoutFrame = 0;
    let piecesWithSeveral = 0;
    for (const seed of SEEDS) {
      const { client, server, atClient, atServer, pass } = connect(seed);
      const values = [1, 2, 3].map((number) => [number, Buffer.from('x'.repeat(number * 20))]);
      for (const value of values) client.send(value);
      server.send('back');
      await pass(1000);
      expect(atServer.values).toEqual(values);
      expect(atClient.values).toEqual(['back']);
      const frames = atServer.chunks.map((total, i) => total - (atServer.chunks[i - 1] ?? 0));
      piecesWithoutFrame += frames.filter((count) => count === 0).length;
      piecesWithSeveral += frames.filter((count) => count > 1).length;
      expect(client.queuedBytes).toBe(0);
    }
    expect(piecesWithoutFrame).toBeGreaterThan(0);
    expect(piecesWithSeveral).toBeGreaterThan(0);
  });

  it('hands over what is nobody else’s: no end can change what another holds', async () => {
    for (const maxPieces of [1, 5]) {
      const { client, atServer, pass } = connect(1, maxPieces);
      const sent = Buffer.from('sent');
      client.send({ sent });
      client.send({ sent });
      await pass(1000);
      const [first, second] = atServer.values as { sent: Buffer }[];
      first?.sent.fill(0);
      expect(sent.toString()).toBe('sent');
      expect(second?.sent.toString()).toBe('sent');
    }
  });

  it('ends in good order behind what was sent', async () => {
    for (const seed of SEEDS) {
      const { client, server, atClient, atServer, pass } = connect(seed);
      client.send('last');
      void client.close();
      expect(client.open).toBe(false);
      expect(atClient.closed).toEqual([]);
      await pass(1000);
      await client.close();
      expect(atServer.values).toEqual(['last']);
      expect(atServer.closed).toEqual(['in good order']);
      expect(atClient.closed).toEqual(['in good order']);
      expect(server.open).toBe(false);
    }
  });

  it('that breaks still brings a first part, and the other side learns behind it', async () => {
    const counts = new Set<number>();
    for (const seed of SEEDS) {
      const { network, client, atClient, atServer, pass } = connect(seed);
      const values = [1, 2, 3].map((number) => [number, 'x'.repeat(50)]);
      for (const value of values) {
        client.send(value);
        await pass(1);
      }
      network.breakStreams(1, 2);
      expect(atClient.closed).toEqual(['the connection broke']);
      await pass(5000);
      counts.add(atServer.values.length);
      expect(atServer.values).toEqual(values.slice(0, atServer.values.length));
      expect(atServer.closed).toEqual(['the connection broke']);
    }
    expect(counts.size).toBeGreaterThan(1);
  });

  it('stands half open while the news is lost, unless something is sent over it', async () => {
    for (const sends of [true, false]) {
      const { network, client, server, atClient, atServer, pass } = connect(1);
      const cut = network.block(1, 2, 'drop');
      client.send('lost');
      await pass(5000);
      expect(atClient.closed).toEqual(['the connection broke']);
      expect(server.open).toBe(true);
      if (sends) server.send('to nobody');
      else cut();
      await pass(6000);
      expect(atServer.closed).toEqual(['the connection broke']);
    }
  });

  it('that is paused keeps what arrives, in order', async () => {
    const { client, server, atServer, pass } = connect(3);
    server.pause();
    for (const number of [1, 2, 3]) client.send(number);
    await pass(1000);
    expect(atServer.values).toEqual([]);
    server.resume();
    client.send(4);
    await pass(1000);
    expect(atServer.values).toEqual([1, 2, 3, 4]);
  });

  it('tells a side that destroys it why, and never inside that call', async () => {
    const { client, atClient, atServer, pass } = connect(1);
    client.destroy(new Error('not understood'));
    expect(atClient.closed).toEqual([]);
    await pass(5000);
    expect(atClient.closed).toEqual(['not understood']);
    expect(atServer.closed).toEqual(['the connection broke']);
  });
});
