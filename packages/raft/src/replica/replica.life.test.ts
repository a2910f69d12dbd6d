import { afterEach, describe, expect, it } from 'vitest';
import { InvariantBroken } from '../core/invariant.js';
import { type Entry, EntryType } from '../core/log/entry.js';
import { bootstrapWrite } from '../core/membership/bootstrap.js';
import { MemoryLogStore } from '../log/memory-log-store.js';
import type { Replica } from './replica.js';
import { Fixture } from './replica.test.support.js';

describe('Replica, starting and stopping', () => {
  let replica: Replica | undefined;

  afterEach(async () => {
    await replica?.stop();
    replica = undefined;
  });

  it('stops when a write fails, and never writes again', async () => {
    const f = new Fixture();
    replica = await f.start();
    await f.clock.pass(500);
    let writes = 0;
    f.log.write = () => {
      writes++;
      return Promise.reject(new Error('disk on fire'));
    };
    replica.propose(Buffer.from('a'));
    const read = replica.readIndex();
    await f.clock.handleInput();
    await expect(replica.stopped).resolves.toMatchObject({ message: 'disk on fire' });
    await expect(read).resolves.toBeUndefined();
    const stopped = replica;
    const told = { code: 'REPLICA_STOPPED', cause: { message: 'disk on fire' } };
    for (const call of [
      () => stopped.readIndex(),
      () => stopped.leaseRead(),
      () => stopped.until(() => true),
      () => stopped.changeMembership({ changes: [], transition: 'auto' }),
      () => stopped.addMember(2),
      () => stopped.transferLeadership(2),
      async () => stopped.propose(Buffer.from('b')),
      async () => stopped.campaign(),
      async () => stopped.compact(1),
    ]) {
      await expect(call()).rejects.toMatchObject(told);
    }
    await f.clock.pass(1000);
    expect(writes).toBe(1);
    expect(f.applier.texts()).toEqual([]);
    expect(f.transport.closed).toBe(true);
    expect(f.disk.inUse).toBe(false);
  });

  it('stops when a leader holds something else than what is committed here, and answers nothing', async () => {
    const f = new Fixture();
    replica = await f.start([1, 2, 3]);
    const entry = (term: number): Entry => ({
      index: 2,
      term,
      type: EntryType.Command,
      data: Buffer.from('a'),
    });
    const append = { type: 'append', to: 1, heard: false, prevIndex: 1, prevTerm: 1 } as const;
    f.transport.receive({ ...append, from: 2, term: 2, commit: 2, entries: [entry(2)] });
    await f.clock.handleInput();
    expect(f.applier.texts()).toEqual(['a']);
    f.transport.sent.length = 0;
    f.transport.receive({ ...append, from: 3, term: 3, commit: 2, entries: [entry(3)] });
    await expect(replica.stopped).resolves.toMatchObject({
      code: 'LOG_CONTRADICTED',
      message: expect.stringMatching(/^member 1 .* entry 2 of term 2.* member 3, one of term 3/),
    });
    expect(f.transport.sent).toEqual([]);
    expect(f.disk.entries.map(({ term }) => term)).toEqual([1, 2]);
  });

  it('stops in order with the cause that the application gives, and keeps it', async () => {
    const f = new Fixture();
    replica = await f.start([1, 2, 3]);
    const cause = new Error('the machine gave up');
    const waiting = replica.until(() => undefined);
    const stopping = replica.stop(cause);
    await expect(waiting).rejects.toMatchObject({ code: 'REPLICA_STOPPED', cause });
    await stopping;
    await expect(replica.stopped).resolves.toBe(cause);
    expect(f.disk.inUse).toBe(false);
  });

  it('stops with what a listener throws, and tells all others', async () => {
    const f = new Fixture();
    replica = await f.start();
    const told: string[] = [];
    replica.onChange(() => {
      told.push('first');
      throw new Error('a listener failed');
    });
    replica.onChange(() => told.push('second'));
    await f.clock.pass(500);
    await expect(replica.stopped).resolves.toMatchObject({ message: 'a listener failed' });
    expect(told.slice(0, 2)).toEqual(['first', 'second']);
    expect(f.transport.closed).toBe(true);
    await expect(replica.stop()).resolves.toBeUndefined();
    expect(() => replica?.propose(Buffer.from('a'))).toThrow('a listener failed');
  });

  it('has stopped, with what a listener or a reader throws when they are told of it', async () => {
    for (const [who, listen] of [
      ['listener', (running: Replica, fail: () => never) => running.onChange(fail)],
      ['reader', (running: Replica, failed: () => never) => running.read({ ready() {}, failed })],
    ] as const) {
      const f = new Fixture();
      const running = await f.start([1, 2, 3]);
      await f.passWith2(1500);
      let others = 0;
      const other = () => void others++;
      listen(running, () => {
        throw new Error(`a ${who} failed`);
      });
      running.onChange(other);
      running.read({ ready() {}, failed: other });
      await expect(running.stop()).resolves.toBeUndefined();
      await expect(running.stopped).resolves.toMatchObject({ message: `a ${who} failed` });
      expect(others).toBe(2);
      expect(f.transport.closed).toBe(true);
      expect(f.disk.inUse).toBe(false);
    }
  });

  it('stops when the state machine fails', async () => {
    const f = new Fixture();
    replica = await f.start();
    f.applier.apply = () => {
      throw new Error('inconsistent state');
    };
    await f.clock.pass(500);
    await expect(replica.stopped).resolves.toMatchObject({ message: 'inconsistent state' });
  });

  it('stops when an invariant breaks', async () => {
    const f = new Fixture();
    replica = await f.start([1, 2, 3]);
    const append = {
      type: 'append',
      heard: true,
      from: 2,
      to: 1,
      term: 2,
      prevIndex: 1,
      prevTerm: 1,
    } as const;
    const entry = { index: 2, term: 2, type: EntryType.Command, data: Buffer.from('a') };
    f.transport.receive({ ...append, commit: 2, entries: [entry] });
    await f.clock.handleInput();
    expect(f.applier.texts()).toEqual(['a']);
    // Terms can't fall along a log.
    f.transport.receive({
      ...append,
      prevIndex: 2,
      prevTerm: 2,
      commit: 2,
      entries: [{ ...entry, index: 3, term: 1 }],
    });
    await expect(replica.stopped).resolves.toBeInstanceOf(InvariantBroken);
  });

  it('refuses to start with a state machine that is ahead of its log', async () => {
    const f = new Fixture();
    await f.log.write(bootstrapWrite([1], [], {}));
    await f.log.close();
    f.log = MemoryLogStore.open(f.disk);
    f.applier.appliedIndex = 5;
    await expect(f.start()).rejects.toMatchObject({
      code: 'LOG_CORRUPT',
      message: expect.stringContaining('Move it away'),
    });
    expect(f.disk.inUse).toBe(false);
    expect(f.transport.closed).toBe(true);
  });

  it('takes nothing in a log that is being brought up to date for committed because of its state', async () => {
    const f = new Fixture();
    const entry = (index: number, term: number, text: string): Entry => {
      return { index, term, type: EntryType.Command, data: Buffer.from(text) };
    };
    const hardState = { term: 2, votedFor: 0, commit: 0, recovery: 7 };
    await f.log.close();
    // Of a leader that was deposed; the state is older than that, and comes from a log that is lost.
    f.disk.write({ hardState, entries: [entry(1, 1, 'a'), entry(2, 2, 'left over')] });
    f.log = MemoryLogStore.open(f.disk);
    f.applier.appliedIndex = 3;
    replica = await f.start([1, 2, 3]);
    expect(replica.status()).toMatchObject({ recovering: true, commit: 0, applied: 0 });
    const leader = {
      type: 'append',
      heard: true,
      from: 2,
      to: 1,
      term: 3,
      prevIndex: 1,
      prevTerm: 1,
    } as const;
    const entries = [entry(2, 3, 'b'), entry(3, 3, 'c'), entry(4, 3, 'd')];
    f.transport.receive({ ...leader, commit: 4, entries });
    await f.clock.handleInput();
    expect(replica.status()).toMatchObject({ recovering: true, commit: 4, applied: 4 });
    expect(f.applier.texts()).toEqual(['d']);
  });

  it('goes on with no state of another history than the one it is brought', async () => {
    const f = new Fixture();
    const entry = (index: number, term: number): Entry => {
      return { index, term, type: EntryType.Command, data: Buffer.from(`${index}`) };
    };
    const hardState = { term: 2, votedFor: 0, commit: 0, recovery: 7 };
    await f.log.close();
    f.disk.write({ hardState, entries: [entry(1, 1)] });
    f.log = MemoryLogStore.open(f.disk);
    Object.assign(f.applier, { appliedIndex: 3, appliedTerm: 2 });
    replica = await f.start([1, 2, 3]);
    const of2 = { type: 'append', heard: true, from: 2, to: 1, term: 3 } as const;
    const entries = [entry(2, 2), entry(3, 3), entry(4, 3)];
    f.transport.receive({ ...of2, prevIndex: 1, prevTerm: 1, commit: 4, entries });
    await f.clock.handleInput();
    await expect(replica.stopped).resolves.toMatchObject({
      code: 'LOG_CONTRADICTED',
      message: expect.stringMatching(/applied an entry 3 of term 2, and the log has one of term 3/),
    });
    expect(f.applier.texts()).toEqual([]);
  });

  it('does not start with a state of another history than its log', async () => {
    const startedWith = async (appliedTerm: number) => {
      const f = new Fixture();
      await f.log.write(bootstrapWrite([1], [], {}));
      await f.log.close();
      f.log = MemoryLogStore.open(f.disk);
      Object.assign(f.applier, { appliedIndex: 1, appliedTerm });
      return f.start();
    };
    await expect(startedWith(2)).rejects.toMatchObject({ code: 'LOG_CONTRADICTED' });
    replica = await startedWith(1);
    expect(replica.status()).toMatchObject({ applied: 1 });
  });

  it('names every option that is wrong', async () => {
    const f = new Fixture();
    await expect(f.start([0, 0])).rejects.toMatchObject({
      code: 'OPTIONS_INVALID',
      message: expect.stringMatching(/^initialVoters\[0\] must be.*initialVoters\[1\] must be/),
    });
  });

  it('applies what its log holds and its state machine lacks after a restart', async () => {
    const f = new Fixture();
    replica = await f.start();
    await f.clock.pass(500);
    for (const text of ['a', 'b', 'c']) replica.propose(Buffer.from(text));
    await f.clock.handleInput();
    await replica.stop();
    const g = new Fixture();
    g.log = MemoryLogStore.open(f.disk);
    g.applier.appliedIndex = 4;
    replica = await g.start();
    await g.clock.pass(500);
    expect(g.applier.texts()).toEqual(['b', 'c']);
  });
});
