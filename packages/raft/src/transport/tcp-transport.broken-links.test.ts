import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { eventually, nextUncaught } from '@raft-ts/net/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { closeAll, heartbeat, member, nowhere, open } from './tcp-transport.test.support.js';

afterEach(closeAll);

/** The network between a member and whoever connects to it. */
class Wire implements AsyncDisposable {
  readonly #server = createServer((socket) => this.#accept(socket));
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  #held = false;

  private constructor(target: string) {
    this.#target = Number(target.split(':')[1]);
  }

  static async to(target: string): Promise<Wire> {
    const wire = new Wire(target);
    open.push(wire);
    wire.#server.listen(0, '127.0.0.1');
    await once(wire.#server, 'listening');
    return wire;
  }

  get address(): string {
    const bound = this.#server.address();
    return `127.0.0.1:${typeof bound === 'object' ? bound?.port : ''}`;
  }

  #accept(near: Socket): void {
    const far = connect(this.#target, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      from.on('error', () => {});
      from.on('data', (chunk: Buffer) => to.write(chunk));
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      if (this.#held) from.pause();
    }
  }

  /** What is sent stays on its way. */
  hold(): void {
    this.#held = true;
    for (const socket of this.#sockets) socket.pause();
  }

  release(): void {
    this.#held = false;
    for (const socket of this.#sockets) socket.resume();
  }

  /** All connections are reset. */
  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.reset();
  }
}

/** Waits for so many turns of a timer, of which the transports' own pass as many. */
async function intervals(count: number, everyMs: number): Promise<void> {
  let passed = 0;
  const counting = setInterval(() => passed++, everyMs);
  await eventually(`${count} intervals pass`, () => passed >= count);
  clearInterval(counting);
}

describe('a connection that was silent', () => {
  const KEEP_ALIVE_MS = 5;
  const limits = { keepAliveMs: KEEP_ALIVE_MS, trustedSilenceMs: 20, maxSilentIntervals: 100_000 };

  it('is not believed about the past, and opened anew', async () => {
    const two = await member(2, { ...limits, peers: new Map([[1, nowhere]]) });
    const wire = await Wire.to(two.transport.address);
    const one = await member(1, { ...limits, peers: new Map([[2, wire.address]]) });
    await eventually('they connect', () => one.transport.connected().length === 1);
    one.transport.send([heartbeat(1, 2, 1)]);
    await eventually('it arrives', () => two.received.length === 1);
    wire.hold();
    one.transport.send([heartbeat(1, 2, 2)]);
    await intervals(20, KEEP_ALIVE_MS);
    one.transport.send([heartbeat(1, 2, 3)]);
    await intervals(20, KEEP_ALIVE_MS);
    expect(one.transport.connected()).toEqual([2]);
    wire.release();
    await eventually('it is opened anew', () => {
      const kinds = one.events.map(({ type }) => type);
      return kinds.indexOf('connected', kinds.indexOf('disconnected')) > 0;
    });
    one.transport.send([heartbeat(1, 2, 4)]);
    await eventually('it arrives', () => two.received.length >= 2);
    expect(two.received).toEqual([heartbeat(1, 2, 1), heartbeat(1, 2, 4)]);
    expect(one.ended.concat(two.ended)).toEqual([]);
  });

  it('is believed when the silence was short', async () => {
    const long = { ...limits, trustedSilenceMs: 3_600_000 };
    const two = await member(2, { ...long, peers: new Map([[1, nowhere]]) });
    const wire = await Wire.to(two.transport.address);
    const one = await member(1, { ...long, peers: new Map([[2, wire.address]]) });
    await eventually('they connect', () => one.transport.connected().length === 1);
    wire.hold();
    one.transport.send([heartbeat(1, 2, 1)]);
    await intervals(20, KEEP_ALIVE_MS);
    wire.release();
    await eventually('it arrives', () => two.received.length === 1);
    expect(one.events.filter(({ type }) => type === 'disconnected')).toEqual([]);
  });
});

describe('the end of a process', () => {
  it('is told once to whoever was connected to it', async () => {
    const two = await member(2, { peers: new Map([[1, nowhere]]) });
    const one = await member(1, { peers: new Map([[2, two.transport.address]]) });
    await eventually('they connect', () => one.transport.connected().length === 1);
    await two.transport.close();
    await eventually('it is told', () => one.ended.length > 0);
    const attempts = one.events.length;
    await eventually('it is tried again', () => one.events.length > attempts + 2);
    expect(one.ended).toEqual([2]);
  });

  it('can be seen as soon as the transport closes, however long others take to let go', async () => {
    const two = await member(2, { peers: new Map([[1, nowhere]]) });
    const one = await member(1, { peers: new Map([[2, two.transport.address]]) });
    await eventually('they connect', () => one.transport.connected().length === 1);
    const closing = one.transport.close();
    const late = connect(Number(one.transport.address.split(':')[1]), '127.0.0.1');
    const outcome = await new Promise((resolve) => {
      late.once('connect', () => resolve('connected'));
      late.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    });
    late.destroy();
    expect(outcome).toBe('ECONNREFUSED');
    await closing;
  });

  it('is not told of who was never reached', async () => {
    const one = await member(1, { peers: new Map([[2, nowhere]]) });
    await eventually('it is tried', () => one.events.length > 2);
    expect(one.ended).toEqual([]);
  });

  it('is not told of a member that lives when connections to it break', async () => {
    const two = await member(2, { peers: new Map([[1, nowhere]]) });
    const wire = await Wire.to(two.transport.address);
    const one = await member(1, { peers: new Map([[2, wire.address]]) });
    for (let round = 1; round <= 5; round++) {
      await eventually('they connect', () => one.transport.connected().length === 1);
      wire.reset();
      await eventually('that is noticed', () => one.transport.connected().length === 0);
    }
    await eventually('they connect', () => one.transport.connected().length === 1);
    expect(one.ended).toEqual([]);
  });

  it('is not told of a member that has moved', async () => {
    const two = await member(2, { peers: new Map([[1, nowhere]]) });
    const wire = await Wire.to(two.transport.address);
    const one = await member(1, { peers: new Map([[2, wire.address]]) });
    await eventually('they connect', () => one.transport.connected().length === 1);
    one.transport.setPeers(
      new Map([
        [2, nowhere],
        [3, nowhere],
      ]),
    );
    wire.reset();
    await eventually('they connect again', () => {
      const kinds = one.events.map(({ type }) => type);
      return kinds.indexOf('connected', kinds.indexOf('disconnected')) > 0;
    });
    expect(one.ended).toEqual([]);
  });
});

it('a transport goes on though whoever listens for its events throws', async () => {
  const uncaught = nextUncaught();
  const other = await member(2);
  const onEvent = ({ type }: { readonly type: string }) => {
    throw new Error(`told of ${type}`);
  };
  const { transport } = await member(1, {
    peers: new Map([[2, other.transport.address]]),
    onEvent,
  });
  expect(await uncaught).toMatchObject({ message: 'told of connected' });
  transport.send([heartbeat(1, 2, 7)]);
  await eventually('the message arrives', () => other.received.length === 1);
});
