import { describe, expect, it } from 'vitest';
import type { Message } from '../core/message.js';
import { transportCompliance } from '../testing/transport-compliance.js';
import { MemoryNetwork } from './memory-transport.js';

const heartbeat = (from: number, to: number, round: number): Message => ({
  type: 'heartbeat',
  heard: true,
  from,
  to,
  term: 1,
  commit: 0,
  commitTerm: 0,
  round,
});

describe('MemoryNetwork', () => {
  const createHome = async () => {
    const network = new MemoryNetwork();
    return { transport: (id: number) => network.transport(id), remove: async () => {} };
  };
  for (const { name, run } of transportCompliance(createHome)) it(name, run);
});

describe('MemoryNetwork with a schedule of its own', () => {
  async function pair() {
    const waiting: { deliver: () => void; message: Message }[] = [];
    const network = new MemoryNetwork({
      schedule: (deliver, message) => waiting.push({ deliver, message }),
    });
    const received: Message[] = [];
    const one = network.transport(1);
    const two = network.transport(2);
    await one.start(() => {});
    await two.start((message) => received.push(message));
    return { network, waiting, received, one, two };
  }

  it('delivers when, and as often as, the schedule says', async () => {
    const { waiting, received, one } = await pair();
    one.send([heartbeat(1, 2, 1), heartbeat(1, 2, 2), heartbeat(1, 2, 3)]);
    expect(received).toEqual([]);
    expect(waiting.map(({ message }) => message.type)).toEqual(Array(3).fill('heartbeat'));
    waiting[2]?.deliver();
    waiting[0]?.deliver();
    waiting[0]?.deliver();
    expect(received).toEqual([heartbeat(1, 2, 3), heartbeat(1, 2, 1), heartbeat(1, 2, 1)]);
  });

  it('loses what is on its way when the direction is cut, and only that direction', async () => {
    const { network, waiting, received, one, two } = await pair();
    one.send([heartbeat(1, 2, 1)]);
    network.disconnect(1, 2);
    waiting[0]?.deliver();
    expect(received).toEqual([]);
    expect(one.connected()).toEqual([]);
    expect(two.connected()).toEqual([1]);
    one.send([heartbeat(1, 2, 2)]);
    expect(one.counters().messagesDropped).toBe(1);
    network.reconnect(1, 2);
    one.send([heartbeat(1, 2, 3)]);
    waiting[1]?.deliver();
    expect(received).toEqual([heartbeat(1, 2, 3)]);
  });

  it('gives a restarted member nothing that was sent before', async () => {
    const { network, waiting, received, one, two } = await pair();
    one.send([heartbeat(1, 2, 1)]);
    await two.close();
    const again = network.transport(2);
    await again.start((message) => received.push(message));
    waiting[0]?.deliver();
    expect(received).toEqual([]);
  });
});
