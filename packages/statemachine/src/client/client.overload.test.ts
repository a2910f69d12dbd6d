import { type Clock, NetError, type RpcNetwork, type RpcResponder } from '@raft-ts/net';
import { describe, expect, it } from 'vitest';
import { ReplicatedClient } from './client.js';
import { ADDRESSES, client, connect, members, network, until } from './client.test.support.js';
import { refuse } from './fake-members.test.support.js';

/** A clock that jumps to its next timer whenever nothing else is to be done. */
function hastyClock(): Clock {
  let nowMs = 0;
  const timers = new Set<{ readonly atMs: number; readonly callback: () => void }>();
  const next = () => {
    const [first] = [...timers].sort((one, other) => one.atMs - other.atMs);
    if (first === undefined) return;
    timers.delete(first);
    nowMs = first.atMs;
    first.callback();
    if (timers.size > 0) setImmediate(next);
  };
  return {
    monotonicMs: () => nowMs,
    wallMs: () => nowMs,
    after(delayMs, callback) {
      const timer = { atMs: nowMs + delayMs, callback };
      if (timers.size === 0) setImmediate(next);
      timers.add(timer);
      return () => timers.delete(timer);
    },
    afterInput(callback) {
      const immediate = setImmediate(callback);
      return () => clearImmediate(immediate);
    },
  };
}

describe('a client that is refused', () => {
  it.each(['leader', 'any'] as const)(
    'by members that have no room (readFrom %s) comes back after seconds, and says why',
    async (readFrom) => {
      let attempts = 0;
      const full: Pick<RpcNetwork, 'connect'> = {
        connect: (address) => {
          attempts++;
          return Promise.reject(new NetError('RPC_OVERLOADED', `${address} has no room`));
        },
      };
      await using refused = new ReplicatedClient({
        addresses: ADDRESSES,
        network: full,
        clock: hastyClock(),
        readFrom,
      });
      await expect(refused.query('q', { timeoutMs: 60_000 })).rejects.toMatchObject({
        code: 'OVERLOADED',
        outcome: 'definite',
        message: expect.stringContaining('has no room'),
      });
      // A dozen rounds of three: pauses of 0.25 to 0.5 s that double up to 8 s.
      expect(attempts).toBeGreaterThanOrEqual(3 * 9);
      expect(attempts).toBeLessThanOrEqual(3 * 20);
    },
  );

  it('by a member that was asked while the leader was slow does not blame it for what comes later', async () => {
    let refused = 0;
    let full = false;
    connect({
      doubtMs: 20,
      silenceMs: 3_600_000,
      network: {
        connect: (address, signal) => {
          if (!full || address === 'two:2') return network.connect(address, signal);
          refused++;
          return Promise.reject(new NetError('RPC_OVERLOADED', `${address} has no room`));
        },
      },
    });
    await client.command('a');
    full = true;
    let late: (() => void) | undefined;
    members.answer = ({ value, responder }) => {
      late = () => responder.done(value);
    };
    const command = client.command('b');
    await until(() => late !== undefined);
    members.hanging.add('two:2');
    await until(() => refused > 0);
    members.hanging.delete('two:2');
    late?.();
    expect(await command).toBe('b');
    members.answerQuery = () => {};
    await expect(client.query('q', { timeoutMs: 100 })).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      message: 'there was no answer in time',
    });
  });

  it('hears of it only while it lasts', async () => {
    let answer = () => Promise.reject(new NetError('RPC_OVERLOADED', 'there is no room'));
    connect({
      clock: hastyClock(),
      timeoutMs: 60_000,
      network: {
        connect: () => answer(),
      },
    });
    await expect(client.query('q')).rejects.toMatchObject({ code: 'OVERLOADED' });
    answer = () => Promise.reject(new NetError('RPC_NOT_SENT', 'nobody listens'));
    await expect(client.query('q')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('asks again after pauses that become seconds', async () => {
    let attempts = 0;
    connect({ clock: hastyClock() });
    members.answer = ({ responder }) => {
      attempts++;
      refuse(responder, 'OVERLOADED');
    };
    await expect(client.command('a', { timeoutMs: 60_000 })).rejects.toMatchObject({
      code: 'OVERLOADED',
    });
    expect(attempts).toBeGreaterThanOrEqual(12);
    expect(attempts).toBeLessThanOrEqual(30);
  });
});

describe('maxInFlight', () => {
  it('holds for commands and queries together, and holds up neither for good', async () => {
    connect({ maxInFlight: 10, silenceMs: 20_000 });
    const waiting: RpcResponder[] = [];
    let most = 0;
    const came = (responder: RpcResponder) => {
      waiting.push(responder);
      most = Math.max(most, waiting.length);
    };
    members.answer = ({ responder }) => came(responder);
    members.answerQuery = (_address, responder) => came(responder);
    const many = Array.from({ length: 100 }, (_, each) => each);
    const commands = many.map((each) => client.command(each));
    await until(() => waiting.length >= 10);
    const queries = many.map((each) => client.query(each, { readFrom: 'any' }));
    const asked = [...commands, ...queries];
    const all = Promise.all(asked);
    let settled = false;
    void all.then(() => {
      settled = true;
    });
    while (!settled) {
      waiting.shift()?.done(null);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(most).toBe(10);
  });

  it('leaves half to queries where commands hang', async () => {
    connect({ maxInFlight: 10, silenceMs: 20_000 });
    members.answer = () => {};
    let hangs = true;
    members.answerQuery = (_address, responder) => {
      if (!hangs) responder.done('answered');
      hangs = false;
    };
    const hanging = [client.query('first', { readFrom: 'any' })];
    await until(() => members.queries.length === 1);
    for (let each = 0; each < 50; each++) hanging.push(client.command(each));
    await until(() => members.commands.length >= 5);
    for (let each = 0; each < 20; each++) {
      expect(await client.query('q', { readFrom: 'any' })).toBe('answered');
    }
    expect(members.commands).toHaveLength(5);
    const ended = Promise.allSettled(hanging);
    await client.close();
    await ended;
  });
});
