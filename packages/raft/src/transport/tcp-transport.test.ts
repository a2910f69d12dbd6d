import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { eventually, freeAddresses, greetingLine } from '@raft-ts/net/testing';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { MemberId } from '../core/log/entry.js';
import { transportCompliance } from '../testing/transport-compliance.js';
import { encodeHello, memberProtocol } from './member-protocol.js';
import { encodeMessages } from './message-codec.js';
import { TcpTransport, type TcpTransportOptions } from './tcp-transport.js';
import {
  append,
  closeAll,
  frame,
  heartbeat,
  MAX_FRAME_BYTES,
  member,
  nowhere,
  open,
  rejections,
  sockets,
  stranger,
} from './tcp-transport.test.support.js';
import type { TransportEvent } from './transport-event.js';

async function createHome() {
  const peers = new Map<MemberId, string>();
  for (const [i, address] of (await freeAddresses(3)).entries()) peers.set(i + 1, address);
  return {
    transport: (id: MemberId) =>
      new TcpTransport({ id, clusterId: 'test', address: peers.get(id) ?? '', peers }),
    remove: async () => {},
  };
}

describe('TcpTransport', () => {
  for (const { name, run } of transportCompliance(createHome)) it(name, run);
});

afterEach(closeAll);

// A key __proto__ is not sent, so it can't be used to make a frame here.
const json = fc.jsonValue().filter((value) => !JSON.stringify(value).includes('__proto__'));

const hello = greetingLine(memberProtocol, encodeHello({ cluster: 'test', from: 2, to: 1 }));
const refused = expect.stringMatching(/^raft-ts-member\/3 refused: [^\n]+\n$/);

describe('a stranger at a member', () => {
  it.each([
    ['an HTTP request', 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n', 'something else'],
    ['a client', 'raft-ts-rpc/1 hello\n', 'something else'],
    ['another version', 'raft-ts-member/2 {}\n', 'another one'],
    ['no JSON', 'raft-ts-member/3 hello\n', 'JSON'],
    ['no object', 'raft-ts-member/3 null\n', 'JSON'],
    ['nobody', 'raft-ts-member/3 {}\n', 'must name'],
    ['an id of 0', greetingLine(memberProtocol, '{"cluster":"test","from":0,"to":1}'), 'must name'],
    [
      'another cluster',
      greetingLine(memberProtocol, encodeHello({ cluster: 'other', from: 2, to: 1 })),
      'cluster "test"',
    ],
    [
      'another addressee',
      greetingLine(memberProtocol, encodeHello({ cluster: 'test', from: 2, to: 3 })),
      'this is member 1',
    ],
    [
      'its own id',
      greetingLine(memberProtocol, encodeHello({ cluster: 'test', from: 1, to: 1 })),
      'member 1 is this one',
    ],
  ])('with %s is refused, counted and reported', async (_what, bytes, reason) => {
    const { transport, events } = await member(1, { peers: new Map([[2, nowhere]]) });
    const socket = await stranger(transport.address);
    socket.write(bytes);
    expect(await text(socket)).toEqual(refused);
    await eventually('it is reported', () => rejections(events).length > 0);
    expect(rejections(events)).toEqual([expect.stringContaining(reason)]);
    expect(transport.counters().connectionsRejected).toBe(1);
  });

  it('that says nothing is closed when the time to greet is over', async () => {
    const { transport, events } = await member(1, { connectTimeoutMs: 20 });
    expect(await text(await stranger(transport.address))).toEqual(refused);
    await eventually('it is reported', () => rejections(events).length === 1);
  });

  it('is refused when too many that came later have not greeted, and members come in behind them', async () => {
    const { transport, events } = await member(1, { maxUngreeted: 2 });
    const first = await stranger(transport.address);
    await stranger(transport.address);
    await stranger(transport.address);
    expect(await text(first)).toMatch(/^raft-ts-member\/3 overloaded: [^\n]+\n$/);
    await eventually('it is reported', () => rejections(events).length === 1);
    const peers = new Map([[1, transport.address]]);
    const { transport: other } = await member(2, { peers });
    await eventually('it is welcomed', () => other.connected().includes(1));
  });
});

describe('a member that sends what is no message', () => {
  it.each([
    ['a frame over the limit', Buffer.from([1, 0xff, 0xff, 0xff, 0xff])],
    ['garbage', Buffer.from([1, 3, 0, 0, 0, 0xc1, 0xc1, 0xc1])],
    ['no frame of messages', frame([1, 2])],
    ['a frame from somebody else', frame(encodeMessages(3, 1, [heartbeat(3, 1, 1)]))],
    ['a frame to somebody else', frame(encodeMessages(2, 3, [heartbeat(2, 3, 1)]))],
    ['a frame of another group', frame([1, 2, 1, [[5, 1, 0, 0, 7]]])],
    ['a message of an unknown type', frame([0, 2, 1, [[99, 1]]])],
    ['a bad message behind a good one', frame([0, 2, 1, [[5, 1, 0, 0, 7], [5]]])],
  ])('%s loses its connection, and nothing of the frame is delivered', async (_what, bytes) => {
    const { transport, events, received } = await member(1, { peers: new Map([[2, nowhere]]) });
    const socket = await stranger(transport.address);
    socket.resume();
    socket.write(Buffer.concat([Buffer.from(hello), bytes]));
    await eventually('it is closed', () => socket.destroyed);
    await eventually('it is reported', () => rejections(events).length === 1);
    expect(received).toEqual([]);
    const again = await stranger(transport.address);
    again.write(hello);
    again.write(frame(encodeMessages(2, 1, [heartbeat(2, 1, 5)])));
    await eventually('a good one is heard', () => received.length === 1);
    expect(received).toEqual([heartbeat(2, 1, 5)]);
  });

  it('is survived whatever it sends, while others are heard', async () => {
    const two = await member(2, { peers: new Map([[1, nowhere]]) });
    const one = await member(1, {
      peers: new Map([
        [2, two.transport.address],
        [3, nowhere],
      ]),
    });
    two.transport.setPeers(new Map([[1, one.transport.address]]));
    await eventually('they connect', () => two.transport.connected().length === 1);
    const greeting = greetingLine(memberProtocol, encodeHello({ cluster: 'test', from: 3, to: 1 }));
    let round = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.array(
          fc.oneof(
            fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
            json.map(frame),
            fc.array(fc.array(fc.nat(9))).map((messages) => frame([0, 3, 1, messages])),
          ),
          { maxLength: 5 },
        ),
        async (greets, parts) => {
          const socket = await stranger(one.transport.address);
          socket.resume();
          if (greets) socket.write(greeting);
          for (const part of parts) socket.write(part);
          socket.end();
          await eventually('it is closed', () => socket.destroyed);
          const sent = heartbeat(2, 1, ++round);
          two.transport.send([sent]);
          await eventually('others are heard', () => one.received.some((m) => m.from === 2));
          expect(one.received.splice(0).filter((m) => m.from === 2)).toEqual([sent]);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('replaces its older connection when it connects again', async () => {
    const { transport, received } = await member(1, { peers: new Map([[2, nowhere]]) });
    const older = await stranger(transport.address);
    older.resume();
    older.write(hello);
    older.write(frame(encodeMessages(2, 1, [heartbeat(2, 1, 1)])));
    await eventually('it is heard', () => received.length === 1);
    const newer = await stranger(transport.address);
    newer.write(hello);
    newer.write(frame(encodeMessages(2, 1, [heartbeat(2, 1, 2)])));
    await eventually('it is heard', () => received.length === 2);
    await eventually('the older one is closed', () => older.destroyed);
    expect(newer.destroyed).toBe(false);
  });
});

describe('a member that does not read', () => {
  it('costs a bounded amount of memory, and the messages beyond it', async () => {
    // Greets as member 2 would, and then takes nothing.
    const deaf = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => {});
      socket.once('data', () => {
        socket.write(greetingLine(memberProtocol, 'welcome'));
        socket.pause();
      });
    });
    deaf.listen(0, '127.0.0.1');
    await once(deaf, 'listening');
    open.push({ [Symbol.asyncDispose]: async () => void deaf.close() });
    const bound = deaf.address();
    const address = `127.0.0.1:${typeof bound === 'object' ? bound?.port : ''}`;
    const maxQueuedBytes = 2 * 1024 * 1024;
    const { transport } = await member(1, { peers: new Map([[2, address]]), maxQueuedBytes });
    await eventually('they connect', () => transport.connected().length === 1);
    const before = process.memoryUsage().arrayBuffers;
    const message = append(100 * 1024);
    for (let i = 0; i < 1_000; i++) {
      transport.send([message]);
      if (i % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const { messagesSent, messagesDropped } = transport.counters();
    expect(messagesSent + messagesDropped).toBe(1_000);
    expect(messagesDropped).toBeGreaterThan(500);
    // What was sent and dropped is 100 MiB; what is garbage and not collected counts, too.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50 * 1024 * 1024);
  });

  it('is given up when no sign of life comes, and found again', async () => {
    const two = await member(2, { peers: new Map([[1, nowhere]]), keepAliveMs: 3_600_000 });
    const one = await member(1, {
      peers: new Map([[2, two.transport.address]]),
      keepAliveMs: 2,
      maxSilentIntervals: 5,
    });
    await eventually('it was given up and found again', () => {
      const kinds = one.events.map(({ type }) => type);
      return kinds.indexOf('connected', kinds.indexOf('disconnected')) > 0;
    });
    expect(one.events).toContainEqual({
      type: 'disconnected',
      member: 2,
      reason: 'no sign of life from the other side',
    });
  });
});

describe('TcpTransport in use', () => {
  async function pair(options: Partial<TcpTransportOptions> = {}) {
    const two = await member(2, { peers: new Map([[1, nowhere]]), ...options });
    const one = await member(1, { peers: new Map([[2, two.transport.address]]), ...options });
    await eventually('they connect', () => one.transport.connected().length === 1);
    return { one, two };
  }

  it('keeps quiet connections open by signs of life', async () => {
    const { one, two } = await pair({ keepAliveMs: 1, maxSilentIntervals: 200 });
    let intervals = 0;
    const counting = setInterval(() => intervals++, 1);
    await eventually('many intervals pass', () => intervals > 300);
    clearInterval(counting);
    const incoming = rejections(two.events).concat(rejections(one.events));
    expect(incoming).toEqual([]);
    expect(one.events.filter(({ type }) => type === 'disconnected')).toEqual([]);
    expect(two.transport.counters().messagesReceived).toBe(0);
  });

  it('splits what is too much for one frame, and drops a message that alone is', async () => {
    const { one, two } = await pair();
    const messages = [append(700_000), append(600_000), append(2 * MAX_FRAME_BYTES), append(10)];
    one.transport.send(messages);
    await eventually('the rest arrives', () => two.received.length === 3);
    const sizes = two.received.map((m) => m.type === 'append' && m.entries[0]?.data.length);
    expect(sizes).toEqual([700_000, 600_000, 10]);
    expect(one.transport.counters()).toMatchObject({ messagesSent: 3, messagesDropped: 1 });
    expect(one.events).toContainEqual(expect.objectContaining({ type: 'too-large', member: 2 }));
  });

  it('reports what receive throws and goes on', async () => {
    const events: TransportEvent[] = [];
    const rounds: number[] = [];
    const fault = new Error('a fault of the receiver');
    const two = new TcpTransport({
      id: 2,
      clusterId: 'test',
      address: '127.0.0.1:0',
      peers: new Map([[1, nowhere]]),
      onEvent: (event) => events.push(event),
    });
    open.push(two);
    await two.start((message) => {
      if (message.type === 'heartbeat') rounds.push(message.round);
      if (rounds.length === 1) throw fault;
    });
    const one = await member(1, { peers: new Map([[2, two.address]]) });
    await eventually('they connect', () => one.transport.connected().length === 1);
    one.transport.send([heartbeat(1, 2, 1), heartbeat(1, 2, 2)]);
    one.transport.send([heartbeat(1, 2, 3)]);
    await eventually('all arrive', () => rounds.length === 3);
    expect(events.filter(({ type }) => type === 'receive-failed')).toEqual([
      { type: 'receive-failed', error: fault },
    ]);
  });

  it('refuses options that can not be', () => {
    const good = { id: 1, clusterId: 'test', address: '127.0.0.1:0', peers: new Map() };
    const code = (options: Partial<TcpTransportOptions>) => {
      try {
        new TcpTransport({ ...good, ...options });
        return 'accepted';
      } catch (error) {
        return (error as { code?: string }).code;
      }
    };
    expect(code({})).toBe('accepted');
    expect(code({ id: 0 })).toBe('OPTIONS_INVALID');
    expect(code({ id: 2 ** 32 })).toBe('OPTIONS_INVALID');
    expect(code({ maxUnknownMembers: 0 })).toBe('OPTIONS_INVALID');
    expect(code({ maxFrameBytes: 0 })).toBe('OPTIONS_INVALID');
    expect(code({ peers: new Map([[1.5, nowhere]]) })).toBe('OPTIONS_INVALID');
    expect(code({ peers: new Map([[2, 'nowhere']]) })).toBe('OPTIONS_INVALID');
    expect(code({ address: 'nowhere' })).toBe('OPTIONS_INVALID');
  });

  it('lets a process end by itself once it is closed, and what receive throws be seen', async () => {
    const module = JSON.stringify(new URL('./tcp-transport.js', import.meta.url).href);
    const script = (receive: string) => `
      const { TcpTransport } = await import(${module});
      const make = (id, peers) =>
        new TcpTransport({ id, clusterId: 'test', address: '127.0.0.1:0', peers: new Map(peers) });
      const two = make(2, [[1, '127.0.0.1:9']]);
      let heard;
      const hearing = new Promise((resolve) => { heard = resolve; });
      await two.start((message) => { heard(message); ${receive} });
      const one = make(1, [[2, two.address], [3, '127.0.0.1:9']]);
      await one.start(() => {});
      while (one.connected().length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      one.send([{ type: 'heartbeat', heard: true, from: 1, to: 2, term: 1, commit: 0, commitTerm: 0, round: 4, heldByAll: 0 }]);
      console.log((await hearing).round);
      await one.close();
      await two.close();`;
    const run = async (receive: string) => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script(receive)]);
      const [output, errors, [code]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, 'exit'),
      ]);
      return { output, errors, code };
    };
    expect(await run('')).toEqual({ output: '4\n', errors: '', code: 0 });
    const failed = await run(`throw new Error('a fault of the receiver')`);
    expect(failed.code).toBe(1);
    expect(failed.errors).toMatch('a fault of the receiver');
  });
});
