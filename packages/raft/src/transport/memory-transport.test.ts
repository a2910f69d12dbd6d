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
  heldByAll: 0,
});

describe('MemoryNetwork', () => {
  const createHome = async () => {
    const network = new MemoryNetwork();
    return { transport: (id: number) => network.transport(id), remove: async () => {} };
  };
  for (const { name, run } of transportCompliance(createHome)) it(name, run);
});

describe('what is on its way in a MemoryNetwork', () => {
  async function pair() {
    const network = new MemoryNetwork();
    const received: Message[] = [];
    const one = network.transport(1);
    const two = network.transport(2);
    await one.start(() => {});
    await two.start((message) => received.push(message));
    return { network, received, one, two };
  }

  const arrival = () => new Promise((resolve) => setImmediate(resolve));

  it('is lost when the direction is cut, and only that direction', async () => {
    const { network, received, one, two } = await pair();
    one.send([heartbeat(1, 2, 1)]);
    network.disconnect(1, 2);
    await arrival();
    expect(received).toEqual([]);
    expect(one.connected()).toEqual([]);
    expect(two.connected()).toEqual([1]);
    one.send([heartbeat(1, 2, 2)]);
    expect(one.counters().messagesDropped).toBe(1);
    network.reconnect(1, 2);
    one.send([heartbeat(1, 2, 3)]);
    await arrival();
    expect(received).toEqual([heartbeat(1, 2, 3)]);
  });

  it('is nothing for a member that has restarted since', async () => {
    const { network, received, one, two } = await pair();
    one.send([heartbeat(1, 2, 1)]);
    // Both take effect at once, before anything arrives.
    const closed = two.close();
    const started = network.transport(2).start((message) => received.push(message));
    await Promise.all([closed, started, arrival()]);
    expect(received).toEqual([]);
    one.send([heartbeat(1, 2, 2)]);
    await arrival();
    expect(received).toEqual([heartbeat(1, 2, 2)]);
  });
});

describe('the end of a member in a MemoryNetwork', () => {
  it('is told to those who reached it, and to nobody when a link is cut', async () => {
    const network = new MemoryNetwork();
    const told: string[] = [];
    const start = async (id: number) => {
      const transport = network.transport(id);
      await transport.start(
        () => {},
        (ended) => told.push(`${id}: ${ended}`),
      );
      return transport;
    };
    const [one] = await Promise.all([start(1), start(2), start(3)]);
    network.disconnect(1, 2);
    network.disconnect(1, 3);
    network.reconnect(1, 3);
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toEqual([]);
    await one.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toEqual(['3: 1']);
  });
});
