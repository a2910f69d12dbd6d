import type { WireValue } from '@raft-ts/net';
import { type Entry, EntryType, RaftError } from 'raft-ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { decodeEntry, encodeEntry, encodeItem } from '../entries/entry-codec.js';
import { RpcMethod } from '../rpc-methods.js';
import { TestMember } from './service.test.support.js';

const NOTHING = new Uint8Array();

let member: TestMember;

beforeEach(async () => {
  member = await TestMember.start();
});

describe('applying', () => {
  const entryOf = (index: number, command: WireValue): Entry => ({
    index,
    term: 1,
    type: EntryType.Command,
    data: encodeEntry({ logTimeMs: 1000, wallMs: 1000 }, [encodeItem({ kind: 'work', command })]),
  });

  it('waits for what is being fetched, decoded and fetched once', async () => {
    let fetched: () => void = () => {};
    member.machine.fetching = new Promise((resolve) => {
      fetched = resolve;
    });
    const entries = [entryOf(1, ['put', 'k', 1]), entryOf(2, ['put', 'k', 2])];
    member.service.appended(entries);
    const applying = member.service.apply(entries);
    await Promise.resolve();
    expect(member.machine.appliedIndex).toBe(0);
    fetched();
    await applying;
    expect(member.machine.appliedIndex).toBe(2);
    expect(member.machine.fetched).toBe(2);
  });

  it('stops the member when fetching failed', async () => {
    member.machine.fetching = Promise.reject(new Error('the disk is gone'));
    const entries = [entryOf(1, ['put', 'k', 1])];
    member.service.appended(entries);
    await expect(member.service.apply(entries)).rejects.toThrow('the disk is gone');
  });

  it('stops the member when the machine fails, or an entry can not be read', () => {
    const damaged = { ...entryOf(1, null), data: Buffer.from('c1', 'hex') };
    member.service.appended([damaged]);
    expect(() => member.service.apply([damaged])).toThrow('entry 1');
    const unknown = entryOf(1, ['no such command']);
    member.service.appended([unknown]);
    expect(() => member.service.apply([unknown])).toThrow('entry 1');
    member.machine.failApply = true;
    expect(() => member.service.apply([entryOf(1, ['put', 'k', 1])])).toThrow('broken');
  });

  it('tells who waits why the member stopped at a command that the machine could not carry out', async () => {
    member = await TestMember.lead();
    const session = member.openSession();
    const asked = member.command(session, 1, ['add', 'k', 1]);
    member.flush();
    member.machine.failApply = true;
    expect(() => member.commit()).toThrow('broken');
    await member.replica.stop(new Error('broken'));
    expect(asked.failure).toMatchObject({
      code: 'OUTCOME_UNKNOWN',
      message: expect.stringContaining('has stopped (broken)'),
    });
    expect(member.command(session, 2, ['add', 'k', 1]).failure).toMatchObject({
      code: 'STOPPED',
      message: expect.stringContaining('(broken)'),
    });
  });

  it('goes on with the sessions of a state that was installed: nothing is carried out twice', async () => {
    const theirs = new Map<string, Uint8Array>();
    const leader = await TestMember.start({}, theirs);
    leader.replica.become('leader', 1, 1);
    const session = leader.openSession();
    leader.command(session, 1, ['add', 'k', 1]);
    leader.flush();
    void leader.commit();
    const ours = new Map<string, Uint8Array>();
    member = await TestMember.start({}, ours);
    for (const [key, value] of theirs) ours.set(key, value);
    await member.service.installed(leader.machine.appliedIndex);
    // The answer was lost: it comes again, and then the next one.
    leader.command(session, 1, ['add', 'k', 1]);
    leader.command(session, 2, ['add', 'k', 1]);
    leader.flush();
    const entries = leader.replica.log.slice(leader.replica.commit);
    void leader.commit();
    void member.service.apply(entries);
    expect(ours).toEqual(theirs);
    expect(await member.machine.query(['get', 'k'])).toBe(2);
    expect(member.service.status()).toMatchObject({ sessions: 1, logTimeMs: expect.any(Number) });
  });

  it('stops the member where a state was installed that sessions or the index did not come with', async () => {
    const rows = new Map<string, Uint8Array>();
    member = await TestMember.start({}, rows);
    await member.service.apply([entryOf(1, ['put', 'k', 1])]);
    const incomplete = { code: 'SNAPSHOT_INCOMPLETE' };
    await expect(member.service.installed(2)).rejects.toMatchObject(incomplete);
    await expect(member.service.installed(1)).resolves.toBeUndefined();
    for (const key of rows.keys()) if (key.startsWith('f')) rows.delete(key);
    await expect(member.service.installed(1)).rejects.toMatchObject(incomplete);
  });

  it('stops the member when entries are missing', () => {
    expect(() => member.service.apply([entryOf(2, ['put', 'k', 1])])).toThrow('after 0');
  });

  it('does not decode far ahead', async () => {
    member = await TestMember.start({ maxEntriesAhead: 3 });
    const entries = Array.from({ length: 10 }, (_, i) => entryOf(i + 1, ['put', 'k', i]));
    member.service.appended(entries);
    expect(member.machine.fetched).toBe(3);
    member.service.apply(entries);
    expect(member.machine.fetched).toBe(10);
    expect(member.machine.appliedIndex).toBe(10);
  });

  it('gives a command of a client to the machine as every member decodes it', async () => {
    member = await TestMember.lead();
    const applied: unknown[] = [];
    member.machine.onApply = (command) => applied.push(command);
    member.command(member.openSession(), 1, ['put', 'k', [-0, new Uint8Array([1])]]);
    member.flush();
    const { data = NOTHING } = member.replica.log.at(-1) ?? {};
    void member.commit();
    const { items } = decodeEntry(2, data, (value) => value);
    expect(items).toStrictEqual([expect.objectContaining({ command: applied[0] })]);
    expect(applied).toStrictEqual([['put', 'k', [0, Buffer.from([1])]]]);
  });
});

describe("the member's own work", () => {
  /** Entries proposed so far. */
  const proposed = () => member.replica.log.length;
  const step = () => member.clock.advance(50);

  beforeEach(() => {
    member.machine.work = ['add', 'steps', 1];
  });

  it('goes through the log one step at a time, with a pause, on the leader alone', () => {
    member.clock.advance(100);
    expect(proposed()).toBe(0);
    member.replica.become('leader', 1, 1);
    member.flush();
    expect(proposed()).toBe(1);
    member.clock.advance(100);
    expect(proposed()).toBe(1);
    void member.commit();
    member.flush();
    expect(proposed()).toBe(1);
    step();
    expect(proposed()).toBe(2);
    member.replica.become('follower', 2, 2);
    void member.commit();
    member.clock.advance(100);
    expect(proposed()).toBe(2);
    member.machine.work = undefined;
    member.replica.become('leader', 3, 1);
    member.flush();
    expect(proposed()).toBe(2);
  });

  it('takes a small share of the time while clients ask for something', () => {
    const stepsIn = (ms: number, eachMs: () => void) => {
      const before = proposed();
      let asked = 0;
      for (let passedMs = 0; passedMs < ms; passedMs++) {
        const waiting = proposed();
        eachMs();
        member.flush();
        asked += proposed() - waiting;
        void member.commit();
        member.clock.advance(1);
      }
      return proposed() - before - asked;
    };
    member.replica.become('leader', 1, 1);
    expect(stepsIn(1000, () => {})).toBeGreaterThan(150);
    const asking = () => void member.ask(RpcMethod.OpenSession, [1000]);
    const steps = stepsIn(1000, asking);
    expect(steps).toBeGreaterThan(15);
    expect(steps).toBeLessThan(25);
    // As soon as nobody asks any more, it goes on as before.
    expect(stepsIn(1000, () => {})).toBeGreaterThan(150);
  });

  it('stops the member in order when the machine can not say what it wants, also from a timer', async () => {
    member.replica.become('leader', 1, 1);
    member.flush();
    void member.commit();
    member.machine.work = ['no such command'];
    expect(step).not.toThrow();
    await expect(member.replica.stopped).resolves.toMatchObject({ code: 'INVALID_COMMAND' });
    await Promise.resolve();
    expect(member.service.status()).toMatchObject({ stopped: true });
    expect(member.clock.timers).toBe(0);
  });

  for (const [how, refusal] of [
    [
      'the lead is being handed over, and stays',
      new RaftError('NOT_LEADER', 'hands over', { details: { leader: 0 } }),
    ],
    ['it is too large for the log', new RaftError('PROPOSAL_TOO_LARGE', 'large')],
    ['the log is full for a while', new RaftError('PROPOSALS_OVERLOADED', 'full')],
  ] as const) {
    it(`is asked for again after ${how}`, () => {
      member.replica.refusal = refusal;
      member.replica.become('leader', 1, 1);
      for (let i = 0; i < 5; i++) step();
      expect(proposed()).toBe(0);
      member.replica.refusal = undefined;
      // Where it waits in the queue, the next request proposes it too.
      member.ask(RpcMethod.OpenSession, [1000]);
      step();
      void member.commit();
      step();
      const before = proposed();
      void member.commit();
      step();
      expect(proposed()).toBe(before + 1);
    });
  }

  it('is asked for again when too many requests wait, or another entry took its place', async () => {
    member = await TestMember.lead({ maxPendingItems: 1 });
    const waiting = member.ask(RpcMethod.OpenSession, [1000]);
    member.machine.work = ['add', 'steps', 1];
    member.flush();
    void member.commit();
    expect(waiting.times).toBe(1);
    step();
    const [last] = member.replica.log.slice(-1);
    const other: Entry = { index: last?.index ?? 0, term: 2, type: EntryType.Empty, data: NOTHING };
    member.replica.log[other.index - 1] = other;
    void member.commit();
    step();
    expect(proposed()).toBe(other.index + 1);
  });

  it('is asked for again by the one who leads next, the same member or not', () => {
    member.replica.become('leader', 1, 1);
    member.flush();
    member.replica.become('follower', 2, 2);
    member.replica.become('leader', 3, 1);
    step();
    expect(proposed()).toBe(2);
  });

  it('takes effect as every member decodes it', async () => {
    member.machine.work = ['put', 'k', [-0, new Uint8Array([1])]];
    const applied: unknown[] = [];
    member.machine.onApply = (command) => applied.push(command);
    member.replica.become('leader', 1, 1);
    member.flush();
    void member.commit();
    const { data = NOTHING } = member.replica.log[0] ?? {};
    const { items } = decodeEntry(1, data, (value) => value);
    expect(applied).toHaveLength(1);
    expect(items[0]).toStrictEqual({ kind: 'work', command: applied[0] });
    expect(JSON.stringify(applied[0])).toContain('"Buffer"');
  });

  it('makes the limits of sessions those of the leader', async () => {
    member = await TestMember.lead({ sessions: { maxOutstanding: 7 } });
    member.flush();
    void member.commit();
    const opened = member.ask(RpcMethod.OpenSession, [1000]);
    member.flush();
    void member.commit();
    expect(opened.result).toEqual([expect.any(Number), 7]);
  });
});
