import { once } from 'node:events';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { greetingLine } from '../channel/greeting-line.js';
import { eventually } from '../testing/eventually.js';
import { decodePayload, frameOf } from '../wire/frame-codec.js';
import { FRAME_HEADER_BYTES } from '../wire/frame-header.js';
import type { WireValue } from '../wire/wire-value.js';
import type { RpcHandler, RpcResponder } from './rpc.js';
import { rpcProtocol } from './rpc-protocol.js';
import { type RpcServerEvent, TcpRpcNetwork, type TcpRpcOptions } from './tcp-rpc.js';
import { echo, hello, open, stranger } from './tcp-rpc.test.support.js';

const MEBIBYTE = 1024 * 1024;
const maxFrameBytes = MEBIBYTE;
const welcome = greetingLine(rpcProtocol, 'welcome');

async function serve(options: TcpRpcOptions = {}, handler: RpcHandler = echo) {
  const events: RpcServerEvent[] = [];
  const onEvent = (event: RpcServerEvent) => events.push(event);
  const network = new TcpRpcNetwork({ maxFrameBytes, onEvent, ...options });
  const server = await network.listen('127.0.0.1:0', handler);
  open.push(server);
  const client = async () => {
    const connection = await network.connect(server.address);
    open.push(connection);
    return connection;
  };
  return { network, server, events, client };
}

function request(id: number, bytes: number): Buffer {
  return frameOf([id, 1, Buffer.alloc(bytes)], maxFrameBytes);
}

/** Everything that comes until the connection ends: behind the welcome, frames of answers. */
async function answers(socket: Socket): Promise<WireValue[]> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'close');
  const all = Buffer.concat(chunks);
  expect(all.toString('latin1')).toContain(welcome);
  const frames: WireValue[] = [];
  for (let at = welcome.length; at < all.length; ) {
    const start = at + FRAME_HEADER_BYTES;
    at = start + all.readUInt32LE(at + 1);
    frames.push(decodePayload(all, start, at));
  }
  return frames;
}

function farewell(reason: string): WireValue {
  return [0, 1, 'CONNECTION_CLOSED', expect.stringContaining(reason), null];
}

function reasons(events: readonly RpcServerEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'rejected' ? [event.reason] : []));
}

describe('frames of which only a beginning arrives', () => {
  it('hold no more than all connections may, and cost those who get on nothing', async () => {
    const { server, events, client } = await serve({ maxIncompleteBytes: 4 * MEBIBYTE });
    const honest = await client();
    const bytes = request(1, maxFrameBytes - 100);
    const told: Promise<WireValue[]>[] = [];
    for (let each = 0; each < 40; each++) {
      const socket = await stranger(server.address);
      told.push(answers(socket));
      socket.write(Buffer.concat([hello, bytes.subarray(0, -10)]));
      const answer = await honest.request(1, Buffer.alloc(maxFrameBytes - 100));
      expect(answer).toHaveLength(maxFrameBytes - 100);
    }
    expect(await Promise.race(told)).toEqual([farewell('frames of which only a beginning')]);
    await eventually('only those that fit are left', () => server.connections <= 4 + 1);
    expect(reasons(events).length).toBeGreaterThanOrEqual(36);
    expect(honest.open).toBe(true);
  });

  it('have to come to their end in time, however much comes meanwhile', async () => {
    const { server, events, client } = await serve({ frameTimeoutMs: 200 });
    const honest = await client();
    const silent = await stranger(server.address);
    const slow = await stranger(server.address);
    const bytes = request(1, 10_000);
    silent.write(Buffer.concat([hello, bytes.subarray(0, 3)]));
    slow.write(hello);
    let at = 0;
    const dripping = setInterval(() => slow.write(bytes.subarray(at, ++at)), 5);
    try {
      expect(await Promise.all([answers(silent), answers(slow)])).toEqual([
        [farewell('did not arrive whole within 200 ms')],
        [farewell('did not arrive whole within 200 ms')],
      ]);
    } finally {
      clearInterval(dripping);
    }
    await eventually('both are reported', () => events.length === 2);
    expect(await honest.request(1, 'here')).toBe('here');
  });

  it('have the time anew for each frame, and while this side does not read', async () => {
    const waiting: (() => void)[] = [];
    const options = { frameTimeoutMs: 200, maxInflightRequests: 1 };
    const { server, events } = await serve(options, (_method, body, responder) => {
      waiting.push(() => responder.done(body));
    });
    const socket = await stranger(server.address);
    socket.resume();
    const [first, second] = [request(1, 10), request(2, 10)];
    socket.write(Buffer.concat([hello, first, second.subarray(0, 5)]));
    await eventually('the first has arrived', () => waiting.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(server.connections).toBe(1);
    socket.write(second.subarray(5));
    waiting.shift()?.();
    await eventually('the second has arrived', () => waiting.length === 1);
    expect(events).toEqual([]);
  });
});

describe('answers that nobody takes', () => {
  it('hold no more than all connections may, and cost those who read nothing', async () => {
    const options = { maxUntakenBytes: 16 * MEBIBYTE };
    const { server, events, client } = await serve(options, (_method, _body, responder) =>
      responder.done(Buffer.alloc(maxFrameBytes - 100)),
    );
    const honest = await client();
    for (let each = 0; each < 12; each++) {
      const socket = await stranger(server.address);
      socket.pause();
      socket.write(hello);
      for (let id = 1; id <= 12; id++) socket.write(request(id, 0));
      expect(await honest.request(1, null)).toHaveLength(maxFrameBytes - 100);
    }
    await eventually('some are gone', () => server.connections <= 6);
    expect(new Set(reasons(events))).toEqual(
      new Set([expect.stringContaining('has taken none for the longest')]),
    );
    expect(honest.open).toBe(true);
  });

  it('have to be taken in time', async () => {
    const { server, events } = await serve({ untakenTimeoutMs: 200 }, (_method, _body, responder) =>
      responder.done(Buffer.alloc(maxFrameBytes - 100)),
    );
    const socket = await stranger(server.address);
    socket.pause();
    socket.write(hello);
    for (let id = 1; id <= 16; id++) socket.write(request(id, 0));
    await eventually('it is gone', () => events.length === 1);
    expect(reasons(events)).toEqual([expect.stringContaining('taken nothing for 200 ms')]);
  });
});

describe('requests that are being handled', () => {
  it('are refused above their bytes over all connections, until some are answered', async () => {
    const handled: { readonly responder: RpcResponder; readonly body: WireValue }[] = [];
    const { client } = await serve({ maxInflightBytes: 3 * MEBIBYTE }, (_method, body, responder) =>
      handled.push({ responder, body }),
    );
    const body = Buffer.alloc(900 * 1024);
    const connections = await Promise.all([client(), client(), client(), client()]);
    const sent = connections.map((connection) =>
      connection.request(1, body).then(
        () => 'done',
        (error) => error.details,
      ),
    );
    const refused = {
      code: 'OVERLOADED',
      message: expect.any(String),
      details: { outcome: 'definite' },
    };
    expect(await Promise.race(sent)).toEqual(refused);
    expect(handled).toHaveLength(3);
    handled.pop()?.responder.done(null);
    const again = connections[0]?.request(1, body);
    await eventually('there is room', () => handled.length === 3);
    for (const { responder } of handled) responder.done('answer');
    expect(await again).toBe('answer');
  });
});

describe('connections', () => {
  it('that do not greet keep nobody out who does', async () => {
    const { server, client } = await serve({ maxConnections: 3, maxUngreeted: 4 });
    const silent: Socket[] = [];
    for (let each = 0; each < 50; each++) {
      silent.push(await stranger(server.address));
      if (each % 20 === 0) expect(await (await client()).request(1, each)).toBe(each);
    }
    const [first] = silent;
    if (first === undefined) throw new Error('there are some');
    expect(await text(first)).toMatch(/^raft-ts-rpc\/2 overloaded: 4 connections [^\n]+\n$/);
    await eventually('the others are gone', () => server.connections <= 3 + 4);
  });

  it('over their number are told RPC_OVERLOADED, and come in once there is room', async () => {
    const { network, server, client } = await serve({ maxConnections: 2 });
    const first = await client();
    await client();
    const refused = await Promise.allSettled(
      Array.from({ length: 100 }, () => network.connect(server.address)),
    );
    for (const each of refused) {
      expect(each).toMatchObject({
        status: 'rejected',
        reason: {
          code: 'RPC_OVERLOADED',
          message: expect.stringContaining('limit of 2 connections'),
        },
      });
    }
    await first.close();
    await eventually('there is room', () => server.connections === 1);
    expect(await (await client()).request(1, 'in')).toBe('in');
  });

  it('with a reserved name have room whatever others take, one each', async () => {
    const handler: RpcHandler = (method, body, responder) => {
      if (method === 1) responder.done(body);
    };
    const reserved = { maxConnections: 1, maxInflightBytes: 1_000, reservedNames: ['member 1'] };
    const { server, client } = await serve(reserved, handler);
    const named = (name: string) => {
      const network = new TcpRpcNetwork({ maxFrameBytes, name });
      const connecting = network.connect(server.address);
      void connecting.then(
        (connection) => open.push(connection),
        () => {},
      );
      return connecting;
    };
    const other = await client();
    const waiting = other.request(2, Buffer.alloc(900)).catch((error: Error) => error.message);
    await expect(other.request(1, Buffer.alloc(200))).rejects.toThrow('OVERLOADED');
    await expect(named('member 2')).rejects.toMatchObject({ code: 'RPC_OVERLOADED' });
    const first = await named('member 1');
    expect(await first.request(1, Buffer.alloc(200))).toHaveLength(200);
    const second = await named('member 1');
    expect(await second.request(1, 'served')).toBe('served');
    await eventually('the first has made room', () => !first.open && server.connections === 2);
    server.limitConnections(0);
    expect(await waiting).toContain('can keep 0 connections');
    expect(await second.request(1, 'served still')).toBe('served still');
    server.reserveFor(['member 2']);
    expect(await (await named('member 2')).request(1, 'later')).toBe('later');
    await expect(named('member 1')).rejects.toMatchObject({ code: 'RPC_OVERLOADED' });
    expect(await second.request(1, 'as it came')).toBe('as it came');
  });

  it('are closed, those that came last first, where there is less room than before', async () => {
    const { server, client } = await serve({ maxConnections: 3 }, () => {});
    const connections = [await client(), await client(), await client()];
    const outcomes = connections.map((connection) =>
      connection.request(1, null).catch((error: Error) => error.message),
    );
    server.limitConnections(1);
    for (const outcome of outcomes.slice(1)) {
      expect(await outcome).toContain('this server can keep 1 connections from here on');
    }
    expect(connections.map((connection) => connection.open)).toEqual([true, false, false]);
  });
});
