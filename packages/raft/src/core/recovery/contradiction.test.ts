import { describe, expect, it } from 'vitest';
import { MemoryLogDisk } from '../../log/memory-log-store.js';
import { RaftGroup } from '../../testing/raft-group.js';
import { group, raft } from '../elected-group.test.support.js';
import type { MemberId } from '../log/entry.js';
import type { Message } from '../message.js';
import { CommittedContradicted } from './contradiction.js';

function pass(g: RaftGroup, ticks: number, drop?: (message: Message) => boolean): void {
  for (let i = 0; i < ticks; i++) {
    for (const id of g.ids) g.tick(id);
    g.settle(drop);
  }
}

function copyOf(disk: MemoryLogDisk): MemoryLogDisk {
  const copy = new MemoryLogDisk();
  copy.base = disk.base;
  copy.hardState = disk.hardState;
  copy.entries.push(...disk.entries);
  return copy;
}

const to3 = (message: Message) => message.to === 3;

/**
 * Members 1 and 2 commit `a` and `b` without member 3; then an older copy of member 2's disk is put
 * back, in which nothing of that is, and the two of them elect `leader` and commit `texts`.
 */
function forked(leader: MemberId, texts: readonly string[]): RaftGroup {
  const g = group();
  const older = copyOf(g.member(2).disk);
  const applied = [...g.member(2).applied];
  for (const text of ['a', 'b']) g.propose(1, text);
  g.settle(to3);
  pass(g, 2, to3);
  expect(g.appliedTexts(2)).toEqual(['a', 'b']);
  g.crash(1);
  g.crash(2);
  g.member(2).disk = older;
  g.member(2).applied = applied;
  g.restart(2);
  g.elect(leader);
  for (const text of texts) g.propose(leader, text);
  pass(g, 2);
  expect(g.appliedTexts(3)).toEqual(texts);
  return g;
}

/** What stops member 1 once it is back, within some heartbeats. */
function stopping(g: RaftGroup): unknown {
  g.restart(1);
  try {
    pass(g, 5);
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('a committed entry that contradicts the leader', () => {
  it.each([
    { leader: 2, texts: [], what: 'a shorter log' },
    { leader: 3, texts: [], what: 'a shorter log of who lagged' },
    { leader: 2, texts: ['c'], what: 'a log of equal length' },
    { leader: 3, texts: ['c', 'd', 'e', 'f'], what: 'a longer log' },
  ])('stops the member that holds it beside $what', ({ leader, texts }) => {
    const g = forked(leader, texts);
    const error = stopping(g);
    expect(error).toBeInstanceOf(CommittedContradicted);
    expect(error).toMatchObject({
      message: expect.stringContaining('an older copy of a data dir'),
    });
    // Nothing of the leader's is acknowledged, and nothing of its own is lost.
    const known = g
      .raft(leader)
      .status()
      .progress.find(({ id }) => id === 1);
    expect(known).toMatchObject({ match: 0 });
    expect(g.appliedTexts(1)).toEqual(['a', 'b']);
    expect(g.raft(leader).role).toBe('leader');
  });

  it.each([[], ['c'], ['c', 'd', 'e', 'f']])(
    'stops it likewise when it has compacted its log, beside %j',
    (...texts) => {
      const g = forked(3, texts);
      const { disk } = g.member(1);
      const index = disk.hardState.commit;
      expect(index).toBeLessThan(4);
      g.restart(1);
      g.raft(1).compact(3);
      g.run(1);
      g.crash(1);
      expect(g.member(1).disk.base.index).toBe(3);
      expect(stopping(g)).toBeInstanceOf(CommittedContradicted);
      expect(g.raft(3).role).toBe('leader');
    },
  );

  it('stops it when the leader has compacted what it would compare by, and offers a state', () => {
    const g = forked(3, ['c']);
    g.raft(3).compact(3);
    g.run(3);
    expect(stopping(g)).toBeInstanceOf(CommittedContradicted);
  });

  it('stops who follows when the one that holds it is elected, as its log ends in a later term', () => {
    const g = group();
    const older = copyOf(g.member(2).disk);
    const applied = [...g.member(2).applied];
    for (const text of ['a', 'b']) g.propose(1, text);
    g.settle();
    for (const id of [2, 1]) g.elect(id);
    g.settle();
    for (const id of g.ids) g.crash(id);
    for (const id of [2, 3]) {
      g.member(id).disk = copyOf(older);
      g.member(id).applied = [...applied];
      g.restart(id);
    }
    g.elect(3);
    pass(g, 2);
    g.restart(1);
    expect(() => g.elect(1)).toThrow(CommittedContradicted);
    expect(g.raft(1).role).toBe('leader');
  });
});

describe('two leaders of one term, by a vote that an older copy has forgotten', () => {
  it('stop as soon as one hears the other', () => {
    const g = new RaftGroup({ size: 3, raft });
    const older = copyOf(g.member(2).disk);
    for (const id of [2, 3]) g.tick(id, 10);
    g.campaign(1);
    g.settle(to3);
    g.crash(2);
    g.member(2).disk = older;
    g.member(2).applied = [];
    g.restart(2);
    for (const id of [2, 3]) g.tick(id, 10);
    g.network = [];
    g.campaign(3);
    g.settle((message) => message.to === 1);
    expect([g.raft(1), g.raft(3)]).toMatchObject(
      [1, 3].map((leader) => ({ role: 'leader', term: 1, leader })),
    );
    g.tick(3);
    expect(() => g.settle()).toThrow(CommittedContradicted);
  });

  it('stop who hears both, with what it has of the first', () => {
    const g = group();
    g.propose(1, 'a');
    g.settle();
    const { term } = g.raft(3);
    const head = { from: 2, to: 3, term, heard: true } as const;
    g.network.push({
      ...head,
      type: 'heartbeat',
      commit: 0,
      commitTerm: 0,
      round: 1,
      heldByAll: 0,
    });
    expect(() => g.settle()).toThrow(/members 1 and 2 both lead term 1.*older copy/);
    expect(g.network).toEqual([]);
  });
});

describe('what a leader has compacted away', () => {
  it('contradicts nothing', () => {
    const g = group();
    g.propose(1, 'a');
    g.settle();
    pass(g, 2);
    const { commit } = g.raft(3).status();
    const head = { from: 1, to: 3, term: 1, heard: true } as const;
    const unknown = { prevIndex: commit, prevTerm: 0, commit, entries: [] };
    g.network.push({ ...head, type: 'append', ...unknown });
    g.network.push({ ...head, type: 'append', ...unknown, prevIndex: commit - 1 });
    g.network.push({ ...head, type: 'heartbeat', commit, commitTerm: 0, round: 0, heldByAll: 0 });
    g.settle();
    g.propose(1, 'b');
    pass(g, 2);
    expect(g.appliedTexts(3)).toEqual(['a', 'b']);
  });
});

describe('a member set back that its leader remembers', () => {
  it('says that it has lost something, and is brought up to date', () => {
    const g = group();
    const older = copyOf(g.member(2).disk);
    const applied = [...g.member(2).applied];
    g.propose(1, 'a');
    g.settle();
    g.crash(2);
    g.member(2).disk = older;
    g.member(2).applied = applied;
    g.restart(2);
    g.tick(1);
    g.deliver(g.network.findIndex((message) => message.to === 2 && message.type === 'heartbeat'));
    expect(g.raft(2).recovering).toBe(true);
    pass(g, 5);
    expect(g.raft(2).recovering).toBe(false);
    expect(g.appliedTexts(2)).toEqual(['a']);
  });

  it('does so also when it was being brought up to date already, and has forgotten that', () => {
    const g = group();
    const older = copyOf(g.member(3).disk);
    const applied = [...g.member(3).applied];
    g.propose(1, 'a');
    g.settle();
    g.wipe(3);
    const entriesTo3 = (message: Message) => message.to === 3 && message.type === 'append';
    pass(g, 3, entriesTo3);
    expect(g.raft(1).status().progress[2]).toMatchObject({ recovering: true });
    g.crash(3);
    g.member(3).disk = older;
    g.member(3).applied = applied;
    g.restart(3);
    expect(g.raft(3).recovering).toBe(false);
    pass(g, 10);
    expect(g.raft(1).status().progress[2]).toMatchObject({ recovering: false, lag: 0 });
    expect(g.raft(3).recovering).toBe(false);
    expect(g.appliedTexts(3)).toEqual(['a']);
  });
});
