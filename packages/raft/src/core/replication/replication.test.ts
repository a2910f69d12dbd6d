import { describe, expect, it } from 'vitest';
import { texts } from '../../testing/raft-group.js';
import { EMPTY_HARD_STATE, ENTRY_OVERHEAD_BYTES, EntryType } from '../log/entry.js';
import type { Message } from '../message.js';
import { group, heartbeats, raft } from './replication.test.support.js';

function hasEntryBehind(message: Message, index: number): boolean {
  return message.type === 'append' && message.entries.some((entry) => entry.index > index);
}

describe('replication', () => {
  it('applies proposals everywhere, in order', () => {
    const g = group();
    g.elect(1);
    for (const text of ['a', 'b', 'c']) g.propose(1, text);
    g.settle();
    for (const id of g.ids) expect(g.appliedTexts(id)).toEqual(['a', 'b', 'c']);
  });

  it('answers a proposal of nothing with an entry that there is', () => {
    const g = group();
    g.elect(1);
    const index = g.propose(1, 'a');
    expect(g.raft(1).propose([])).toEqual({ accepted: true, index, term: g.raft(1).term });
  });

  it('commits with a majority only', () => {
    const g = group({ size: 5 });
    g.elect(1);
    g.propose(1, 'a');
    g.settle((m) => m.to > 2);
    expect(g.appliedTexts(1)).toEqual([]);
    heartbeats(g, 1, 2);
    expect(g.appliedTexts(1)).toEqual(['a']);
  });

  it('does not count its own entry before it is durable', () => {
    const g = group({ size: 1, manualDisk: true });
    g.tick(1, 10);
    g.finishWrites(1);
    g.finishWrites(1);
    g.propose(1, 'a');
    g.propose(1, 'b');
    expect(g.raft(1).status().commit).toBe(1);
    g.finishWrites(1, 1);
    expect(g.raft(1).status().commit).toBe(2);
    expect(g.appliedTexts(1)).toEqual(['a']);
    g.finishWrites(1);
    expect(g.appliedTexts(1)).toEqual(['a', 'b']);
  });

  it('acknowledges nothing that is not durable', () => {
    const g = group({ manualDisk: true });
    g.campaign(1);
    for (let i = 0; i < 6; i++) {
      g.settle();
      for (const id of g.ids) g.finishWrites(id);
    }
    g.settle();
    expect(g.raft(1).role).toBe('leader');
    g.propose(1, 'a');
    g.settle();
    g.finishWrites(1);
    g.settle();
    expect(
      g
        .raft(1)
        .status()
        .progress.map((p) => p.match),
    ).toEqual([2, 1, 1]);
    expect(g.appliedTexts(1)).toEqual([]);
    g.finishWrites(2);
    g.settle();
    expect(g.appliedTexts(1)).toEqual(['a']);
  });

  it('applies nothing before it is durable here, even when committed elsewhere', () => {
    const g = group({ manualDisk: true });
    g.campaign(1);
    for (let i = 0; i < 6; i++) {
      g.settle();
      for (const id of g.ids) g.finishWrites(id);
    }
    g.settle();
    g.propose(1, 'a');
    g.settle();
    g.finishWrites(2);
    g.finishWrites(1);
    g.settle();
    g.tick(1);
    g.settle();
    expect(g.raft(3).status().commit).toBe(g.raft(1).status().commit);
    expect(g.appliedTexts(3)).toEqual([]);
    g.finishWrites(3);
    expect(g.appliedTexts(3)).toEqual(['a']);
  });

  it('commits entries of older terms only behind one of its own (figure 8)', () => {
    const g = group({
      size: 5,
      raft: { ...raft, preVote: false, checkQuorum: false, maxAppendBytes: 1 },
    });
    const isAppend = (type: string) => type === 'append';
    // (a) Member 1 leads; `old` at index 2 reaches member 2 only.
    g.elect(1);
    g.propose(1, 'old');
    g.settle((m) => isAppend(m.type) && m.to > 2);
    // (b) Member 5 leads the next term with the votes of 3 and 4, and writes at index 2, alone.
    g.crash(1);
    g.campaign(5);
    g.settle((m) => isAppend(m.type) || m.to === 2);
    expect(g.raft(5).role).toBe('leader');
    g.crash(5);
    // (c) Member 1 leads again; `old` gets to member 3 and so to a majority, its own entry does not.
    g.restart(1);
    const lost = (m: Message) =>
      isAppend(m.type) && (m.to > 3 || (hasEntryBehind(m, 2) && lengthOfThird() === 2));
    const lengthOfThird = () => g.member(3).disk.entries.length;
    for (let i = 0; i < 2; i++) {
      g.campaign(1);
      g.settle(lost);
    }
    g.tick(1);
    g.settle(lost);
    expect(g.raft(1).role).toBe('leader');
    expect(texts(g.member(3).disk.entries)).toEqual(['old']);
    expect(g.raft(1).status().commit).toBe(1);
    // (d) So member 5 may still replace it everywhere.
    g.crash(1);
    g.restart(5);
    g.elect(5);
    g.propose(5, 'new');
    g.settle();
    for (const id of [2, 3, 4, 5]) expect(g.appliedTexts(id)).toEqual(['new']);
  });

  it('commits entries of older terms together with its own', () => {
    const g = group();
    g.elect(1);
    g.propose(1, 'old');
    g.settle((m) => m.type === 'append-response');
    g.crash(1);
    expect(g.appliedTexts(2)).toEqual([]);
    g.elect(2);
    expect(g.appliedTexts(2)).toEqual(['old']);
  });

  it('replaces a tail that conflicts, a whole term a step', () => {
    const g = group({ raft: { ...raft, maxAppendBytes: 64 } });
    g.elect(1);
    g.settle();
    for (let i = 0; i < 20; i++) g.propose(1, `lost ${i}`);
    g.network = [];
    g.crash(1);
    g.elect(2);
    for (let i = 0; i < 5; i++) g.propose(2, `kept ${i}`);
    g.settle();
    g.restart(1);
    let refusals = 0;
    for (let i = 0; i < 5; i++) {
      g.tick(2);
      g.settle((m) => {
        if (m.type === 'append-response' && m.rejected) refusals++;
        return false;
      });
    }
    expect(texts(g.member(1).disk.entries)).toEqual(texts(g.member(2).disk.entries));
    expect(g.appliedTexts(1)).toEqual(['kept 0', 'kept 1', 'kept 2', 'kept 3', 'kept 4']);
    expect(refusals).toBeLessThanOrEqual(2);
  });

  it('keeps what follows a late, short append that matches, committed or not', () => {
    const g = group();
    g.elect(1);
    g.propose(1, 'a');
    const short = g.network.filter((m) => m.to === 2 && m.type === 'append');
    expect(short).toHaveLength(1);
    g.propose(1, 'b');
    g.settle((m) => m.type === 'append-response');
    expect(g.raft(2).status()).toMatchObject({ commit: 1, lastIndex: 3 });
    g.network.push(...short);
    g.deliver(0);
    expect(g.raft(2).status().lastIndex).toBe(3);
    expect(texts(g.member(2).disk.entries)).toEqual(['a', 'b']);
  });

  it('counts of what was sent only what is acknowledged', () => {
    const g = group({ raft: { ...raft, maxAppendBytes: 1 } });
    g.elect(1);
    for (const text of ['a', 'b', 'c']) g.propose(1, text);
    g.settle((m) => m.to === 3 || (m.type === 'append' && hasEntryBehind(m, 2)));
    expect(g.raft(1).status()).toMatchObject({ commit: 2, lastIndex: 4 });
    expect(g.raft(1).status().progress[1]).toMatchObject({ id: 2, match: 2 });
  });

  it('never commits past what a heartbeat is known to match', () => {
    const g = group();
    g.elect(1);
    g.propose(1, 'a');
    g.settle((m) => m.to === 3);
    g.tick(1);
    const toThird = g.network.find((m) => m.to === 3 && m.type === 'heartbeat');
    expect(toThird).toMatchObject({ commit: 1 });
  });

  it('never commits past what an append is known to match', () => {
    const g = group();
    g.elect(1);
    // On member 3 alone, at the index of what members 1 and 2 commit next.
    g.crash(3);
    const { disk } = g.member(3);
    disk.entries.push({ index: 2, term: 1, type: EntryType.Command, data: Buffer.from('x') });
    g.restart(3);
    const append = {
      type: 'append',
      heard: true,
      from: 1,
      to: 3,
      term: 2,
      prevIndex: 1,
      prevTerm: 1,
    } as const;
    g.network = [{ ...append, commit: 2, entries: [] }];
    g.deliver(0);
    expect(g.raft(3).status()).toMatchObject({ commit: 1, lastIndex: 2 });
  });

  it('finds lost appends with the next heartbeat', () => {
    const g = group();
    g.elect(1);
    g.propose(1, 'a');
    g.settle((m) => m.to === 3 && m.type === 'append');
    expect(g.appliedTexts(3)).toEqual([]);
    heartbeats(g, 1, 3);
    expect(g.appliedTexts(3)).toEqual(['a']);
  });

  it('keeps sending when a full window was lost', () => {
    const g = group({ raft: { ...raft, maxInflightAppends: 2, maxAppendBytes: 40 } });
    g.elect(1);
    for (let i = 0; i < 10; i++) g.propose(1, `entry ${i}`);
    g.settle((m) => m.to === 3);
    heartbeats(g, 1, 3);
    expect(g.appliedTexts(3)).toHaveLength(10);
  });

  it('has no more on its way to a member than the window allows', () => {
    const g = group({ raft: { ...raft, maxInflightAppends: 3, maxAppendBytes: 40 } });
    g.elect(1);
    for (let i = 0; i < 10; i++) g.propose(1, `entry ${i}`);
    expect(g.network.filter((m) => m.to === 2 && m.type === 'append')).toHaveLength(3);
    g.settle();
    expect(g.appliedTexts(2)).toHaveLength(10);
  });

  it('limits the window in bytes too', () => {
    const size = 100 + ENTRY_OVERHEAD_BYTES;
    const g = group({ raft: { ...raft, maxInflightBytes: 2 * size, maxAppendBytes: size } });
    g.elect(1);
    for (let i = 0; i < 10; i++) g.propose(1, 'x'.repeat(100));
    expect(g.network.filter((m) => m.to === 2 && m.type === 'append')).toHaveLength(2);
    g.settle();
    expect(g.appliedTexts(2)).toHaveLength(10);
  });

  it('has the whole window again when what filled it was lost', () => {
    const size = 100 + ENTRY_OVERHEAD_BYTES;
    const g = group({ raft: { ...raft, maxInflightBytes: 2 * size, maxAppendBytes: size } });
    g.elect(1);
    for (let i = 0; i < 3; i++) {
      g.propose(1, 'x'.repeat(100));
      g.propose(1, 'x'.repeat(100));
      g.settle((m) => m.to === 2 && m.type === 'append' && m.entries.length > 0);
      heartbeats(g, 1, 3);
    }
    expect(g.appliedTexts(2)).toHaveLength(6);
    for (let i = 0; i < 4; i++) g.propose(1, 'x'.repeat(100));
    expect(g.network.filter((m) => m.to === 2 && m.type === 'append')).toHaveLength(2);
  });

  it('forgets old acknowledgements of entries that were replaced at the same index', () => {
    // Member 2 writes (2, term 1), then (2, term 2) replaces it before either is durable.
    const g = group({ manualDisk: true, raft: { ...raft, preVote: false, checkQuorum: false } });
    const entry = (term: number, text: string) => ({
      index: 1,
      term,
      type: EntryType.Command,
      data: Buffer.from(text),
    });
    const append = (term: number, from: number, text: string) =>
      ({
        type: 'append',
        heard: true,
        from,
        to: 2,
        term,
        prevIndex: 0,
        prevTerm: 0,
        commit: 0,
        entries: [entry(term, text)],
      }) as const;
    g.network.push(append(1, 1, 'old'));
    g.deliver(0);
    g.network.push(append(2, 3, 'new'));
    g.deliver(0);
    g.finishWrites(2, 1);
    expect(g.raft(2).status().durable).toBe(0);
    g.finishWrites(2, 1);
    expect(g.raft(2).status().durable).toBe(1);
    expect(texts(g.member(2).disk.entries)).toEqual(['new']);
  });

  it('rejects proposals that are too large, too many, or not the leader’s', () => {
    const g = group({ raft: { ...raft, maxEntryBytes: 10, maxUncommittedBytes: 100 } });
    g.elect(1);
    const tooLarge = g.raft(1).propose([Buffer.alloc(11)]);
    expect(tooLarge).toMatchObject({ accepted: false, reason: 'too-large' });
    const outcomes = Array.from({ length: 5 }, () => g.raft(1).propose([Buffer.alloc(10)]));
    expect(outcomes.map((o) => o.accepted)).toEqual([true, true, false, false, false]);
    g.run(1);
    g.settle();
    expect(g.raft(1).uncommittedBytes).toBe(0);
    expect(g.raft(1).propose([Buffer.alloc(10)]).accepted).toBe(true);
    expect(g.raft(2).propose([Buffer.alloc(1)])).toMatchObject({ reason: 'not-leader', leader: 1 });
  });

  it('takes up work again where its log and state machine stand', () => {
    const g = group();
    g.elect(1);
    for (const text of ['a', 'b']) g.propose(1, text);
    g.settle();
    for (const id of g.ids) g.crash(id);
    for (const id of g.ids) g.restart(id);
    g.elect(2);
    g.propose(2, 'c');
    g.settle();
    for (const id of g.ids) expect(g.appliedTexts(id)).toEqual(['a', 'b', 'c']);
  });

  it('notices a member that has lost what the leader knows to be there', () => {
    const g = group();
    g.elect(1);
    g.propose(1, 'a');
    g.settle();
    g.crash(2);
    // Its configuration stayed: nothing but the leader's word tells what has gone.
    const { disk } = g.member(2);
    disk.entries.length = 0;
    disk.hardState = EMPTY_HARD_STATE;
    g.member(2).applied = [];
    g.restart(2);
    heartbeats(g, 1, 3, (message) => message.from === 3);
    expect(g.raft(2).status().recovering).toBe(true);
    heartbeats(g, 1, 3);
    expect(g.raft(2).status().recovering).toBe(false);
    expect(g.appliedTexts(2)).toEqual(['a']);
  });

  it('answers an append below its commit index with what is committed, and keeps it', () => {
    const g = group();
    g.elect(1);
    g.propose(1, 'a');
    g.settle();
    const entry = { index: 1, term: 1, type: EntryType.Command, data: Buffer.from('x') };
    g.network.push({
      type: 'append',
      heard: true,
      from: 3,
      to: 2,
      term: 9,
      prevIndex: 0,
      prevTerm: 0,
      commit: 0,
      entries: [entry],
    });
    g.deliver(0);
    expect(texts(g.member(2).disk.entries)).toEqual(['a']);
    expect(g.network).toMatchObject([{ type: 'append-response', rejected: false, index: 2 }]);
  });
});
