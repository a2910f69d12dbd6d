import { describe, expect, it } from 'vitest';
import { ReplicatedClient } from './client.js';
import {
  ADDRESSES,
  client,
  connect,
  failureOf,
  members,
  network,
  until,
} from './client.test.support.js';
import type { ReadFrom } from './client-options.js';

describe('limits', () => {
  it('refuse requests above the number that may be outstanding', async () => {
    connect({ maxOutstanding: 2 });
    const first = [client.command('a'), client.command('b')];
    expect(await failureOf(client.command('c'))).toBe('OVERLOADED definite');
    expect(await Promise.all(first)).toEqual(['a', 'b']);
    expect(await client.command('c')).toBe('c');
  });

  it('send no more at once than may be in flight', async () => {
    connect({ maxInFlight: 5 });
    let inFlight = 0;
    let most = 0;
    members.answer = ({ value, responder }) => {
      most = Math.max(most, ++inFlight);
      setTimeout(() => {
        inFlight--;
        responder.done(value);
      }, 1);
    };
    const values = Array.from({ length: 50 }, (_, i) => i);
    expect(await Promise.all(values.map((value) => client.command(value)))).toEqual(values);
    expect(most).toBe(5);
  });

  it('refuse a time to wait that is none, and harm no other request', async () => {
    members.leader = '';
    for (const timeoutMs of [Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31]) {
      for (const refused of [
        client.command('a', { timeoutMs }),
        client.query('a', { timeoutMs }),
        client.query('a', { timeoutMs, consistency: 'local' }),
        client.status('one:1', { timeoutMs }),
      ]) {
        expect(await failureOf(refused)).toBe('OPTIONS_INVALID definite');
      }
    }
    expect(await failureOf(client.command('b', { timeoutMs: 50 }))).toBe('UNAVAILABLE definite');
  });

  it('may be fractions of a millisecond', async () => {
    connect({ timeoutMs: 4123.7, silenceMs: 1642.7, leaderWaitMs: 950.2 });
    expect(await client.command('a')).toBe('a');
  });

  it('that make no sense are refused', () => {
    for (const options of [
      { addresses: [] },
      { addresses: ['one:1', 'nonsense'] },
      { timeoutMs: 0 },
      { minBackoffMs: 50, maxBackoffMs: 20 },
      { maxOutstanding: Number.NaN },
      { maxInFlight: 0.5 },
      { readFrom: 'nearest' as ReadFrom },
    ]) {
      expect(() => new ReplicatedClient({ addresses: ADDRESSES, network, ...options })).toThrow(
        expect.objectContaining({ code: 'OPTIONS_INVALID' }),
      );
    }
  });
});

describe('closing', () => {
  it('rejects what is outstanding, ends the session and leaves no connection', async () => {
    await client.command('a');
    members.answer = () => {};
    const sent = client.command('b');
    await until(() => members.commands.length === 2);
    const closed = client.close();
    expect(await failureOf(sent)).toBe('CLIENT_CLOSED unknown');
    await closed;
    expect(members.closedSessions).toEqual([1]);
    expect(members.connections).toBe(0);
    expect(await failureOf(client.command('c'))).toBe('CLIENT_CLOSED definite');
    expect(await failureOf(client.query('c', { consistency: 'local' }))).toBe(
      'CLIENT_CLOSED definite',
    );
    expect(await failureOf(client.status('one:1'))).toBe('CLIENT_CLOSED definite');
  });

  it('ends a search', async () => {
    members.leader = '';
    const waiting = client.command('a');
    await until(() => members.connections === 3);
    const closed = client.close();
    expect(await failureOf(waiting)).toBe('CLIENT_CLOSED definite');
    await closed;
    await until(() => members.connections === 0);
  });
});
