import { describe, expect, it } from 'vitest';
import { RaftGroup, type RaftGroupOptions } from '../testing/raft-group.js';
import type { Effect } from './effects.js';
import { EMPTY_HARD_STATE, type Entry, EntryType } from './entry.js';
import { EMPTY_BASE, type LogState } from './log-state.js';
import { EMPTY_CONFIGURATION } from './membership/configuration.js';
import { EMPTY_MEMBERSHIP } from './membership/membership.js';
import type { Message } from './message.js';
import type { RaftOptions } from './options.js';
import { Raft } from './raft.js';

const raft: Partial<RaftOptions> = { electionTicks: 10, heartbeatTicks: 1 };

function group(options: Partial<RaftGroupOptions> = {}): RaftGroup {
  return new RaftGroup({ size: 3, raft, random: () => 0, ...options });
}

function heartbeats(g: RaftGroup, leader: number, times: number): void {
  for (let i = 0; i < times; i++) {
    g.tick(leader);
    g.settle();
  }
}

function compact(g: RaftGroup, id: number, index = g.raft(id).appliedIndex): void {
  g.raft(id).compact(index);
  g.run(id);
}

function votersOf(g: RaftGroup, id: number): readonly number[] {
  return g.raft(id).status().membership.configuration.voters;
}

describe('a compacted log', () => {
  it('goes on, and is taken up again after a restart', () => {
    const g = group();
    g.elect(1);
    for (const text of ['a', 'b', 'c']) g.propose(1, text);
    g.settle();
    for (const id of g.ids) compact(g, id, 3);
    g.propose(1, 'd');
    g.settle();
    for (const id of g.ids) g.crash(id);
    for (const id of g.ids) g.restart(id);
    for (const id of g.ids) expect(g.raft(id).status().firstIndex).toBe(4);
    g.elect(2);
    g.propose(2, 'e');
    g.settle();
    for (const id of g.ids) expect(g.appliedTexts(id)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('answers a late append from below its beginning, and keeps what it has', () => {
    const g = group();
    g.elect(1);
    const late: Message[] = [];
    for (const text of ['a', 'b', 'c']) g.propose(1, text);
    late.push(...g.network.filter((m) => m.type === 'append' && m.to === 2));
    g.settle();
    compact(g, 2);
    expect(g.raft(2).status().firstIndex).toBe(5);
    for (const message of late) {
      g.network = [message];
      g.deliver(0);
      expect(g.network).toMatchObject([{ type: 'append-response', rejected: false, index: 4 }]);
    }
    g.settle();
    expect(g.appliedTexts(2)).toEqual(['a', 'b', 'c']);
    expect(g.raft(2).status().lastIndex).toBe(4);
  });

  it('keeps the membership as of its beginning', () => {
    const g = group({ size: 4 });
    g.elect(1);
    g.change(1, { type: 'remove', id: 4 });
    g.settle();
    for (const id of [1, 2, 3]) compact(g, id);
    for (const id of [1, 2, 3]) g.crash(id);
    for (const id of [1, 2, 3]) g.restart(id);
    for (const id of [1, 2, 3]) expect(votersOf(g, id)).toEqual([1, 2, 3]);
  });
});

describe('a snapshot', () => {
  /** Members 1 and 2 go on without 3, and forget what it lacks. */
  function withoutThird(g: RaftGroup): void {
    g.crash(3);
    for (const text of ['a', 'b', 'c']) g.propose(1, text);
    g.settle();
    heartbeats(g, 1, 2);
    for (const id of [1, 2]) compact(g, id);
  }

  it('brings a member up to date whose entries are compacted away', () => {
    const g = group();
    g.elect(1);
    withoutThird(g);
    g.restart(3);
    heartbeats(g, 1, 5);
    expect(g.appliedTexts(3)).toEqual(['a', 'b', 'c']);
    g.propose(1, 'd');
    g.settle();
    expect(g.appliedTexts(3)).toEqual(['a', 'b', 'c', 'd']);
    expect(
      g
        .raft(1)
        .status()
        .progress.map((p) => p.state),
    ).not.toContain('snapshot');
  });

  it('brings the membership as of its index', () => {
    const g = group({ size: 4 });
    g.elect(1);
    g.crash(3);
    g.change(1, { type: 'remove', id: 4 });
    g.settle();
    heartbeats(g, 1, 2);
    for (const id of [1, 2]) compact(g, id);
    g.restart(3);
    heartbeats(g, 1, 5);
    expect(votersOf(g, 3)).toEqual([1, 2, 3]);
    g.crash(3);
    g.restart(3);
    expect(votersOf(g, 3)).toEqual([1, 2, 3]);
  });

  it('takes the place of entries that it contradicts', () => {
    const g = group();
    g.elect(3);
    // They are on member 3 only, at the indexes of what the others commit.
    for (const text of ['x', 'y', 'z', 'u', 'v', 'w']) g.propose(3, text);
    g.network = [];
    g.crash(3);
    g.elect(1);
    withoutThird(g);
    expect(g.raft(1).status().firstIndex).toBeLessThan(g.member(3).disk.lastIndex);
    g.restart(3);
    heartbeats(g, 1, 5);
    expect(g.appliedTexts(3)).toEqual(['a', 'b', 'c']);
    expect(g.member(3).disk.entries).toEqual([]);
    g.propose(1, 'd');
    g.settle();
    expect(g.appliedTexts(3)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('that fails is tried again', () => {
    const g = group();
    g.elect(1);
    withoutThird(g);
    g.snapshots = false;
    g.restart(3);
    heartbeats(g, 1, 15);
    expect(g.appliedTexts(3)).toEqual([]);
    g.snapshots = true;
    heartbeats(g, 1, 15);
    expect(g.appliedTexts(3)).toEqual(['a', 'b', 'c']);
  });
});

describe('installing a snapshot', () => {
  const configuration = { ...EMPTY_CONFIGURATION, voters: [1, 2, 3] };
  const membership = { ...EMPTY_MEMBERSHIP, configuration };
  const log: LogState = {
    hardState: EMPTY_HARD_STATE,
    base: { ...EMPTY_BASE, membership },
    lastIndex: 0,
    termRuns: [],
    membershipEntries: [],
  };

  /** A follower of member 1 in term 1, with all its writes durable. */
  function follower(): { member: Raft; take: () => Effect[] } {
    const member = new Raft({ id: 2, log, applied: 0, options: raft, random: () => 0 });
    const take = () => {
      const effects = member.takeEffects();
      for (const effect of effects) if (effect.type === 'write') member.written(effect.sequence);
      return effects;
    };
    return { member, take };
  }

  const fromLeader = { from: 1, to: 2, term: 1 } as const;
  const entry: Entry = { index: 1, term: 1, type: EntryType.Command, data: Buffer.from('a') };

  it('waits for what is being applied, and holds back what would be applied next', () => {
    const { member, take } = follower();
    const append = { ...fromLeader, type: 'append', prevIndex: 0, prevTerm: 0 } as const;
    member.step({ ...append, commit: 1, entries: [entry] });
    take();
    expect(take()).toMatchObject([{ type: 'apply' }]);
    member.step({ ...fromLeader, type: 'snapshot-offer', index: 9, indexTerm: 1 });
    expect(take()).toMatchObject([{ type: 'fetch-snapshot', from: 1, index: 9 }]);
    const base = { index: 9, term: 1, membership };
    expect(member.snapshotFetched(base)).toBe(true);
    expect(take().map(({ type }) => type)).not.toContain('install-snapshot');
    expect(take()).toEqual([]);
    member.applied(1);
    expect(take()).toMatchObject([{ type: 'install-snapshot', base: { index: 9 } }]);
    const next = { ...entry, index: 10 };
    member.step({ ...append, prevIndex: 9, prevTerm: 1, commit: 10, entries: [next] });
    expect(take().map(({ type }) => type)).toEqual(['write']);
    expect(take()).toEqual([]);
    member.snapshotInstalled(9);
    take();
    expect(member.appliedIndex).toBe(9);
    expect(member.status().applied).toBe(9);
  });
});
