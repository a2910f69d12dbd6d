import { once } from 'node:events';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { eventually, greetingLine } from '@raft-ts/net/testing';
import { afterEach, describe, expect, it } from 'vitest';
import type { MemberId } from '../core/log/entry.js';
import type { Message } from '../core/message.js';
import { encodeHello, memberProtocol } from './member-protocol.js';
import { encodeMessages } from './message-codec.js';
import {
  append,
  closeAll,
  frame,
  heartbeat,
  member,
  nowhere,
  open,
  rejections,
  sockets,
  stranger,
} from './tcp-transport.test.support.js';

afterEach(closeAll);

describe('the addresses of the others', () => {
  it('are those of the membership, and go with it', async () => {
    const two = await member(2);
    const one = await member(1);
    one.transport.setPeers(new Map([[2, two.transport.address]]));
    await eventually('they connect', () => one.transport.connected().length === 1);
    one.transport.send([heartbeat(1, 2, 1)]);
    await eventually('it arrives', () => two.received.length === 1);
    one.transport.setPeers(new Map());
    expect(one.transport.connected()).toEqual([]);
    one.transport.send([heartbeat(1, 2, 2)]);
    expect(one.transport.counters().messagesDropped).toBe(1);
    one.transport.setPeers(new Map([[2, two.transport.address]]));
    await eventually('they connect again', () => one.transport.connected().length === 1);
    one.transport.send([heartbeat(1, 2, 3)]);
    await eventually('it arrives', () => two.received.length === 2);
    expect(two.received).toEqual([heartbeat(1, 2, 1), heartbeat(1, 2, 3)]);
  });

  it('are tried in turn where options and membership differ', async () => {
    const two = await member(2);
    const { address } = two.transport;
    for (const [option, membership] of [
      [nowhere, address],
      [address, nowhere],
    ] as const) {
      const one = await member(1, { peers: new Map([[2, option]]) });
      one.transport.setPeers(new Map([[2, membership]]));
      await eventually('they connect', () => one.transport.connected().length === 1);
      await one.transport.close();
    }
  });

  it('need not be right for a member that connects itself: it is answered', async () => {
    const one = await member(1);
    const two = await member(2, { peers: new Map([[1, nowhere]]) });
    one.transport.setPeers(new Map([[2, two.transport.address]]));
    await eventually('it connects', () => one.transport.connected().length === 1);
    one.transport.send([heartbeat(1, 2, 1)]);
    await eventually('it arrives', () => two.received.length === 1);
    two.transport.send([heartbeat(2, 1, 2)]);
    await eventually('the answer arrives', () => one.received.length === 1);
  });

  it('leave a connection alone that is open to one of them', async () => {
    const two = await member(2);
    const { address } = two.transport;
    const one = await member(1, { peers: new Map([[2, address]]) });
    await eventually('they connect', () => one.transport.connected().length === 1);
    for (const addresses of [[[2, nowhere]], [[2, address]], []] as [number, string][][]) {
      one.transport.setPeers(new Map(addresses));
      expect(one.transport.connected()).toEqual([2]);
    }
    expect(one.events).toEqual([{ type: 'connected', member: 2 }]);
  });

  it('harm nothing when they are none', async () => {
    const two = await member(2);
    const one = await member(1);
    const addresses: [number, string][] = [
      [2, two.transport.address],
      [3, 'no address'],
      [0.5, nowhere],
    ];
    one.transport.setPeers(new Map(addresses));
    await eventually('they connect', () => one.transport.connected().length === 1);
    expect(one.events.filter(({ type }) => type === 'disconnected')).toEqual([
      { type: 'disconnected', member: 3, reason: expect.stringContaining('no address') },
      { type: 'disconnected', member: 0.5, reason: expect.stringContaining('member id') },
    ]);
  });
});

describe('a member that is not known', () => {
  const round = (messages: readonly Message[]) =>
    messages.map((message) => message.type === 'heartbeat' && message.round);

  it('is heard, and answered over its own connection', async () => {
    const newcomer = await member(9);
    const leader = await member(1, { peers: new Map([[9, newcomer.transport.address]]) });
    await eventually('they connect', () => leader.transport.connected().length === 1);
    leader.transport.send([heartbeat(1, 9, 1)]);
    await eventually('it is heard', () => newcomer.received.length === 1);
    expect(newcomer.transport.connected()).toEqual([1]);
    newcomer.transport.send([heartbeat(9, 1, 2), heartbeat(9, 1, 3)]);
    newcomer.transport.send([append(300_000)].map((m) => ({ ...m, from: 9, to: 1 })));
    await eventually('it is answered', () => leader.received.length === 3);
    expect(round(leader.received)).toEqual([2, 3, false]);
    expect(newcomer.transport.counters()).toMatchObject({ messagesSent: 3, messagesDropped: 0 });
    expect(leader.transport.counters()).toMatchObject({ messagesReceived: 3 });
  });

  it('is sent to directly once its address is known', async () => {
    const newcomer = await member(9);
    const leader = await member(1, { peers: new Map([[9, newcomer.transport.address]]) });
    await eventually('they connect', () => newcomer.transport.connected().length === 1);
    newcomer.transport.setPeers(new Map([[1, leader.transport.address]]));
    newcomer.transport.send([heartbeat(9, 1, 1)]);
    await eventually('it connects itself', () =>
      newcomer.events.some(({ type }) => type === 'connected'),
    );
    newcomer.transport.send([heartbeat(9, 1, 2)]);
    await eventually('both are heard', () => leader.received.length === 2);
    expect(newcomer.transport.connected()).toEqual([1]);
    leader.transport.setPeers(new Map());
    await leader.transport.close();
    await eventually('it is gone', () => newcomer.transport.connected().length === 0);
    newcomer.transport.send([heartbeat(9, 1, 3)]);
    expect(newcomer.transport.counters().messagesDropped).toBe(1);
  });

  it('is refused when there are too many of its kind, but not when it comes again', async () => {
    const { transport, events } = await member(1, {
      peers: new Map([[2, nowhere]]),
      maxUnknownMembers: 2,
    });
    const greet = async (from: MemberId) => {
      const socket = await stranger(transport.address);
      socket.write(greetingLine(memberProtocol, encodeHello({ cluster: 'test', from, to: 1 })));
      return socket;
    };
    for (const from of [8, 9]) await greet(from);
    await eventually('both are welcome', () => transport.connected().length === 2);
    expect(await text(await greet(10))).toMatch('member 10 is unknown here, and 2 others');
    const known = await greet(2);
    const again = await greet(9);
    known.resume();
    again.resume();
    again.write(frame(encodeMessages(9, 1, [heartbeat(9, 1, 1)])));
    await eventually('it is heard', () => transport.counters().messagesReceived === 1);
    expect(known.destroyed).toBe(false);
    expect(rejections(events)).toHaveLength(1);
    again.destroy();
    await eventually('there is room', () => transport.connected().length === 1);
    await greet(10);
    await eventually('it is welcome', () => transport.connected().includes(10));
  });

  it('that answers with what is no message loses the connection', async () => {
    const odd = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => {});
      socket.once('data', () => {
        socket.write(greetingLine(memberProtocol, 'welcome'));
        socket.write(frame(encodeMessages(3, 1, [heartbeat(3, 1, 1)])));
      });
    });
    odd.listen(0, '127.0.0.1');
    await once(odd, 'listening');
    open.push({ [Symbol.asyncDispose]: async () => void odd.close() });
    const bound = odd.address();
    const address = `127.0.0.1:${typeof bound === 'object' ? bound?.port : ''}`;
    const { events, received } = await member(1, { peers: new Map([[2, address]]) });
    await eventually('it is given up', () => events.some(({ type }) => type === 'disconnected'));
    expect(events.find(({ type }) => type === 'disconnected')).toMatchObject({
      reason: expect.stringContaining('says it is from 3 to 1'),
    });
    expect(received).toEqual([]);
  });
});
