import { afterEach, describe, expect, it } from 'vitest';
import { EntryType } from '../core/log/entry.js';
import type { Message } from '../core/message.js';
import type { RaftError } from '../errors.js';
import type { Replica } from './replica.js';
import { Fixture, HEARTBEAT_OF_2 } from './replica.test.support.js';

describe('Replica, reading', () => {
  let replica: Replica | undefined;

  afterEach(async () => {
    await replica?.stop();
    replica = undefined;
  });

  it('answers reads once what was committed is applied, one round a turn', async () => {
    const f = new Fixture();
    replica = await f.start();
    await f.clock.pass(500);
    let applied = () => {};
    f.applier.wait = new Promise((resolve) => {
      applied = resolve;
    });
    replica.propose(Buffer.from('a'));
    await f.clock.handleInput();
    const order: string[] = [];
    const reads = [replica.readIndex(), replica.readIndex()].map((read) =>
      read.then(() => order.push('read')),
    );
    await f.clock.handleInput();
    expect(order).toEqual([]);
    order.push('applied');
    applied();
    await f.clock.handleInput();
    await Promise.all(reads);
    expect(order).toEqual(['applied', 'read', 'read']);
  });

  it('asks at each read whether the lease still holds, also within one turn', async () => {
    const f = new Fixture();
    replica = await f.start([1, 2, 3], { leaseReads: { maxClockDrift: 0 } });
    await f.passWith2(1500);
    expect(replica.status()).toMatchObject({ role: 'leader', commit: 3 });
    const answered: string[] = [];
    const first = replica.leaseRead().then(() => answered.push('first'));
    const second = replica.leaseRead().then(() => answered.push('second'));
    // The process stands still in the middle of its turn, and another member may lead meanwhile.
    f.clock.fireTimers(60_000);
    const late = replica.leaseRead().then(() => answered.push('late'));
    await f.clock.handleInput();
    await Promise.all([first, second]);
    expect(answered).toEqual(['first', 'second']);
    await f.passWith2(100);
    await late;
  });

  it('answers many readers without a promise each, by a lease where there is one', async () => {
    const f = new Fixture();
    replica = await f.start([1, 2, 3], { leaseReads: { maxClockDrift: 0 } });
    await f.passWith2(1500);
    const told: string[] = [];
    const reader = (name: string) => ({
      ready: () => told.push(`${name} ready`),
      failed: (error: Error) => told.push(`${name} ${(error as RaftError).code}`),
    });
    replica.read(reader('first'));
    replica.read(reader('second'));
    await f.clock.handleInput();
    expect(told).toEqual(['first ready', 'second ready']);
    await replica.stop();
    replica.read(reader('late'));
    expect(told.slice(2)).toEqual(['late REPLICA_STOPPED']);
  });

  it('asks its leader for the index of a read, and waits until that is applied', async () => {
    const f = new Fixture();
    replica = await f.start([1, 2, 3]);
    await expect(replica.readIndex()).rejects.toMatchObject({ code: 'NOT_LEADER' });
    const leader = { from: 2, to: 1, term: 1 } as const;
    f.transport.receive(HEARTBEAT_OF_2);
    await f.clock.handleInput();
    const order: string[] = [];
    const read = replica.readIndex().then(() => order.push('read'));
    await f.clock.handleInput();
    const request = f.transport.sent.find((message) => message.type === 'read-index');
    const { context } = request as Message & { type: 'read-index' };
    f.transport.receive({ ...leader, type: 'read-index-response', context, index: 2 });
    await f.clock.handleInput();
    expect(order).toEqual([]);
    const entry = { index: 2, term: 1, type: EntryType.Command, data: Buffer.from('a') };
    order.push('applied');
    f.transport.receive({
      ...leader,
      type: 'append',
      heard: true,
      prevIndex: 1,
      prevTerm: 1,
      commit: 2,
      entries: [entry],
    });
    await f.clock.handleInput();
    await read;
    expect(order).toEqual(['applied', 'read']);
  });

  it('ends a read that waits for entries when nobody is left to bring them', async () => {
    const f = new Fixture();
    replica = await f.start([1, 2, 3]);
    const leader = { from: 2, to: 1, term: 1 } as const;
    f.transport.receive(HEARTBEAT_OF_2);
    await f.clock.handleInput();
    const read = replica.readIndex();
    await f.clock.handleInput();
    const request = f.transport.sent.find((message) => message.type === 'read-index');
    const { context } = request as Message & { type: 'read-index' };
    // The leader has applied that this member was removed, and sends it nothing more.
    f.transport.receive({ ...leader, type: 'read-index-response', context, index: 9 });
    const ended = expect(read).rejects.toMatchObject({ code: 'LEADERSHIP_LOST' });
    await f.clock.pass(1000);
    await ended;
  });

  it('lets a reader go when its signal is aborted, and the others of its round wait on', async () => {
    const f = new Fixture();
    replica = await f.start();
    await f.clock.pass(500);
    const abort = new AbortController();
    const impatient = replica.readIndex(abort.signal);
    const patient = replica.readIndex();
    abort.abort(new Error('no longer wanted'));
    await expect(impatient).rejects.toThrow('no longer wanted');
    await f.clock.handleInput();
    await expect(patient).resolves.toBeUndefined();
  });
});
