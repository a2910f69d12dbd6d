import type { WireValue } from '@raft-ts/net';
import { type Entry, EntryType } from 'raft-ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { encodeEntry, encodeItem } from '../entries/entry-codec.js';
import { RpcMethod } from '../rpc-methods.js';
import { TestMember } from './service.test.support.js';

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
});

describe("the member's own work", () => {
  it('goes through the log one step at a time, with a pause, on the leader alone', () => {
    member.machine.work = ['add', 'steps', 1];
    member.clock.advance(100);
    expect(member.replica.log.length).toBe(0);
    member.replica.become('leader', 1, 1);
    member.flush();
    expect(member.replica.log.length).toBe(1);
    member.clock.advance(100);
    expect(member.replica.log.length).toBe(1);
    void member.commit();
    member.flush();
    expect(member.replica.log.length).toBe(1);
    member.clock.advance(10);
    expect(member.replica.log.length).toBe(2);
    member.replica.become('follower', 2, 2);
    void member.commit();
    member.clock.advance(100);
    expect(member.replica.log.length).toBe(2);
    member.machine.work = undefined;
    member.replica.become('leader', 3, 1);
    member.flush();
    expect(member.replica.log.length).toBe(2);
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
