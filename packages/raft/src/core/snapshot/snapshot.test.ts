import { describe, expect, it } from 'vitest';
import { RaftGroup, type RaftGroupOptions } from '../../testing/raft-group.js';
import { group, raft } from '../elected-group.test.support.js';
import type { Message } from '../message.js';

function pass(g: RaftGroup, ticks: number, drop?: (message: Message) => boolean): void {
  for (let i = 0; i < ticks; i++) {
    g.tick(1);
    g.settle(drop);
  }
}

/** Member 3 misses entries that members 1 and 2 have compacted away. */
function behind(options: Partial<RaftGroupOptions> = {}): RaftGroup {
  const g = group(options);
  g.crash(3);
  for (const text of ['a', 'b', 'c']) g.propose(1, text);
  g.settle();
  pass(g, 2);
  g.raft(1).compact(3);
  g.run(1);
  g.restart(3);
  return g;
}

describe('compaction', () => {
  it('forgets what is applied, on disk too, and keeps what is behind it', () => {
    const g = group();
    for (const text of ['a', 'b', 'c']) g.propose(1, text);
    g.settle();
    g.raft(1).compact(2);
    g.run(1);
    expect(g.raft(1).status()).toMatchObject({ firstIndex: 3, lastIndex: 4 });
    expect(g.member(1).disk.base).toMatchObject({ index: 2, term: 1 });
    g.crash(1);
    g.restart(1);
    expect(g.raft(1).status()).toMatchObject({ firstIndex: 3, lastIndex: 4, term: 1 });
  });

  it('does nothing for what is not applied, or gone', () => {
    const g = group();
    g.raft(1).compact(5);
    g.raft(1).compact(0);
    g.run(1);
    expect(g.raft(1).status().firstIndex).toBe(1);
    g.raft(1).compact(1);
    g.raft(1).compact(1);
    expect(g.raft(1).status().firstIndex).toBe(2);
  });

  it('keeps the membership as of each index that is left', () => {
    const g = group();
    g.change(1, { type: 'remove', id: 3 });
    g.settle();
    g.propose(1, 'a');
    g.settle();
    expect(g.raft(1).baseAt(1)?.membership.configuration.voters).toEqual([1, 2, 3]);
    expect(g.raft(1).baseAt(3)?.membership.configuration.voters).toEqual([1, 2]);
    g.raft(1).compact(2);
    g.run(1);
    expect(g.raft(1).baseAt(1)).toBeUndefined();
    expect(g.member(1).disk.base.membership.configuration.voters).toEqual([1, 2]);
  });
});

describe('snapshots', () => {
  it('bring a member up to date that lacks what is compacted away', () => {
    const g = behind();
    pass(g, 3);
    expect(g.appliedTexts(3)).toEqual(['a', 'b', 'c']);
    expect(g.raft(1).status().progress[2]).toMatchObject({ state: 'replicate', match: 4 });
    g.propose(1, 'd');
    g.settle();
    expect(g.appliedTexts(3)).toEqual(['a', 'b', 'c', 'd']);
    expect(g.member(3).disk.base.index).toBe(4);
  });

  it('are offered with whom to ask over HTTP, who asks not being among them', () => {
    const g = group();
    for (const id of [1, 3]) {
      g.change(1, { type: 'update', id, endpoints: { member: `m${id}:1`, http: `m${id}:3` } });
      g.settle();
    }
    g.crash(3);
    g.propose(1, 'a');
    g.settle();
    pass(g, 2);
    compact(g, 1, g.raft(1).appliedIndex);
    g.restart(3);
    const offers: Message[] = [];
    pass(g, 3, (message) => message.type === 'snapshot-offer' && offers.push(message) > 0);
    const peers = [
      { member: 1, address: 'm1:3' },
      { member: 3, address: 'm3:3' },
    ];
    expect(offers[0]).toMatchObject({ to: 3, peers });
    const core = g.raft(3);
    for (const offer of offers.slice(0, 1)) core.step(offer);
    const fetch = core.takeEffects().find((effect) => effect.type === 'fetch-snapshot');
    expect(fetch).toMatchObject({ from: 1, peers: peers.slice(0, 1) });
  });

  it('are not offered to who does not answer', () => {
    const g = behind();
    g.crash(3);
    pass(g, 20);
    expect(g.raft(1).status().progress[2]?.state).not.toBe('snapshot');
  });

  it('are offered again when they could not be fetched', () => {
    const g = behind();
    g.snapshots = false;
    pass(g, 3);
    expect(g.appliedTexts(3)).toEqual([]);
    g.snapshots = true;
    pass(g, 3);
    expect(g.appliedTexts(3)).toEqual(['a', 'b', 'c']);
  });

  it('are offered again when the offer was lost', () => {
    const g = behind();
    pass(g, 3, (message) => message.type === 'snapshot-offer');
    expect(g.raft(1).status().progress[2]?.state).toBe('snapshot');
    pass(g, 12);
    expect(g.appliedTexts(3)).toEqual(['a', 'b', 'c']);
  });

  it('are offered as before where one could not be fetched, though more is applied since', () => {
    const g = behind();
    g.snapshots = false;
    const offered: number[] = [];
    const note = (message: Message) => {
      if (message.type === 'snapshot-offer') offered.push(message.index);
      return false;
    };
    for (const text of ['d', 'e', 'f']) {
      g.propose(1, text);
      pass(g, 12, note);
    }
    expect(offered.length).toBeGreaterThan(2);
    expect(new Set(offered)).toEqual(new Set([3]));
  });

  it('are offered as before while the log goes on from there: a fetch is not begun anew', () => {
    const g = behind();
    const offered: number[] = [];
    for (let i = 0; i < 40; i++) {
      g.propose(1, `x${i}`);
      pass(g, 1, (message) => {
        if (message.type === 'snapshot-offer') offered.push(message.index);
        return message.type === 'snapshot-offer';
      });
    }
    expect(offered.length).toBeGreaterThan(2);
    expect(new Set(offered).size).toBe(1);
    compact(g, 1, g.raft(1).appliedIndex);
    pass(g, 12);
    expect(g.appliedTexts(3)).toHaveLength(43);
  });

  it('are overtaken by a newer one', () => {
    const g = behind();
    pass(g, 2, (message) => message.type === 'snapshot-offer');
    const offer = {
      type: 'snapshot-offer',
      heard: true,
      peers: [],
      from: 1,
      to: 3,
      term: 1,
      indexTerm: 1,
    } as const;
    const core = g.raft(3);
    core.step({ ...offer, index: 3 });
    core.step({ ...offer, index: 4 });
    const fetches = core.takeEffects().filter((effect) => effect.type === 'fetch-snapshot');
    expect(fetches.map((effect) => effect.index)).toEqual([3, 4]);
    core.snapshotFailed(3);
    expect(core.status().fetchingFrom).toBe(1);
    const base = g.raft(1).baseAt(4);
    expect(base !== undefined && core.snapshotFetched(base)).toBe(true);
  });

  it('are taken by a member that campaigns, as after its leader was lost: it follows again', () => {
    for (const preVote of [true, false]) {
      const g = behind({ raft: { ...raft, preVote } });
      g.settle((message) => message.type === 'snapshot-offer');
      const core = g.raft(3);
      const { term } = core;
      const offer = { type: 'snapshot-offer', heard: true, peers: [], from: 1, to: 3 } as const;
      core.step({ ...offer, term, index: 4, indexTerm: 1 });
      core.campaign();
      expect(core.role).toBe(preVote ? 'pre-candidate' : 'candidate');
      const base = g.raft(1).baseAt(4);
      expect(base !== undefined && core.snapshotFetched(base)).toBe(true);
      expect(core.role).toBe('follower');
      g.member(3).applied = [...g.member(1).applied];
      g.network = [];
      pass(g, 60);
      g.propose(g.ids.find((id) => g.raft(id).role === 'leader') ?? 0, 'd');
      pass(g, 3);
      expect(g.appliedTexts(3)).toEqual(['a', 'b', 'c', 'd']);
    }
  });

  it('take the place of a tail that conflicts with them', () => {
    const g = group();
    // A tail of its own: entries that nobody else has.
    g.propose(1, 'x');
    g.propose(1, 'y');
    g.network = [];
    g.crash(1);
    g.elect(2);
    for (const text of ['a', 'b', 'c']) g.propose(2, text);
    g.settle();
    g.raft(2).compact(4);
    g.run(2);
    g.restart(1);
    for (let i = 0; i < 5; i++) {
      g.tick(2);
      g.settle();
    }
    expect(g.appliedTexts(1)).toEqual(['a', 'b', 'c']);
    expect(g.raft(1).status().lastIndex).toBe(g.raft(2).status().lastIndex);
  });

  it('are not fetched for what the log holds already', () => {
    const g = group();
    g.propose(1, 'a');
    g.settle();
    const core = g.raft(3);
    core.step({
      type: 'snapshot-offer',
      heard: true,
      peers: [],
      from: 1,
      to: 3,
      term: 1,
      index: 2,
      indexTerm: 1,
    });
    const effects = core.takeEffects();
    expect(effects.some((effect) => effect.type === 'fetch-snapshot')).toBe(false);
    expect(JSON.stringify(effects)).toContain('"append-response"');
  });

  it('are fetched by a member whose state machine lost what its log no longer has', () => {
    const g = group();
    for (const text of ['a', 'b', 'c']) g.propose(1, text);
    g.settle();
    pass(g, 2);
    g.raft(3).compact(3);
    g.run(3);
    g.crash(3);
    g.member(3).applied = [];
    g.restart(3);
    expect(g.raft(3).status()).toMatchObject({ applied: 0, firstIndex: 4 });
    // Its log is whole: it votes, but can't lead without a state.
    g.campaign(3);
    expect(g.raft(3).role).toBe('follower');
    pass(g, 3);
    expect(g.appliedTexts(3)).toEqual(['a', 'b', 'c']);
  });

  it('are had before anything more is taken in: who lacks a state can not lead with it', () => {
    const g = group();
    for (const text of ['a', 'b', 'c']) g.propose(1, text);
    g.settle();
    pass(g, 2);
    compact(g, 3, 3);
    g.crash(3);
    g.member(3).applied = [];
    g.snapshots = false;
    g.restart(3);
    const without2 = (message: Message) => message.to === 2;
    g.propose(1, 'd');
    g.settle(without2);
    pass(g, 2, without2);
    // With a newer log than member 2 it would not elect that one either.
    expect(g.raft(3).status().lastIndex).toBe(4);
    expect(g.appliedTexts(1)).toEqual(['a', 'b', 'c']);
    g.snapshots = true;
    pass(g, 3, without2);
    expect(g.appliedTexts(1)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('are had from a new leader too, that did not know how far all was committed', () => {
    const g = group();
    g.crash(3);
    for (const text of ['a', 'b']) g.propose(1, text);
    g.settle();
    g.propose(1, 'c');
    const tellsOfCommit = (m: Message) => m.type === 'append' && m.commit >= 4;
    g.settle((m) => m.to === 2 && (tellsOfCommit(m) || m.type === 'heartbeat'));
    g.raft(1).compact(4);
    g.restart(3);
    pass(g, 3, (m) => m.to === 2);
    expect(g.raft(3).status()).toMatchObject({ firstIndex: 5, commit: 4 });
    expect(g.raft(2).status()).toMatchObject({ lastIndex: 4, commit: 3 });
    // Between the log and the state that belongs to it.
    g.crash(3);
    g.member(3).applied = [];
    g.crash(1);
    g.restart(3);
    for (let i = 0; i < 60; i++) {
      for (const id of [2, 3]) g.tick(id);
      g.settle();
    }
    expect(g.raft(2).role).toBe('leader');
    expect(g.appliedTexts(2)).toEqual(['a', 'b', 'c']);
    expect(g.appliedTexts(3)).toEqual(['a', 'b', 'c']);
  });

  it('are had from one that was elected before who lacks it was back, and needs it to commit', () => {
    const g = new RaftGroup({ size: 5, raft });
    g.elect(1);
    g.settle();
    g.crash(3);
    for (const text of ['a', 'b', 'c']) {
      g.propose(1, text);
      // Nobody but the leader learns that it is committed.
      g.settle((m) => (m.type === 'append' && m.entries.length === 0) || m.type === 'heartbeat');
    }
    compact(g, 1, 4);
    g.restart(3);
    pass(g, 3, (m) => m.to !== 3 && m.to !== 1);
    expect(g.raft(3).status()).toMatchObject({ firstIndex: 5 });
    // Between the log and the state that belongs to it.
    g.crash(3);
    g.member(3).applied = [];
    g.crash(1);
    for (const id of [2, 4, 5]) g.tick(id, 20);
    g.network = [];
    g.campaign(2);
    g.settle((m) => m.type === 'append' || m.type === 'heartbeat');
    expect(g.raft(2).status()).toMatchObject({ role: 'leader', lastIndex: 5, commit: 3 });
    g.crash(4);
    g.restart(3);
    for (let i = 0; i < 30; i++) {
      g.tick(2);
      g.settle();
    }
    expect(g.appliedTexts(3)).toEqual(['a', 'b', 'c']);
    expect(g.raft(2).status()).toMatchObject({ role: 'leader', commit: 5 });
  });

  it('wait for entries that are being applied, and nothing is applied in between', () => {
    const g = behind();
    const core = g.raft(3);
    g.settle((message) => message.type === 'snapshot-offer');
    core.step({
      type: 'snapshot-offer',
      heard: true,
      peers: [],
      from: 1,
      to: 3,
      term: 1,
      index: 4,
      indexTerm: 1,
    });
    const base = g.raft(1).baseAt(4);
    expect(base !== undefined && core.snapshotFetched(base)).toBe(true);
    const effects = core.takeEffects();
    const write = effects.find((effect) => effect.type === 'write');
    expect(effects.some((effect) => effect.type === 'install-snapshot')).toBe(false);
    core.written(write?.sequence ?? 0);
    expect(core.takeEffects()).toMatchObject([{ type: 'install-snapshot' }]);
    expect(core.takeEffects()).toEqual([]);
    core.snapshotInstalled(4);
    expect(core.status()).toMatchObject({ applied: 4, commit: 4, firstIndex: 5 });
  });

  it('are not confused by a late append from below the log, and keep what is there', () => {
    const g = group();
    const late: Message[] = [];
    for (const text of ['a', 'b', 'c']) g.propose(1, text);
    late.push(...g.network.filter((m) => m.type === 'append' && m.to === 2));
    g.settle();
    compact(g, 2, g.raft(2).appliedIndex);
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

  it('bring the membership as of its index', () => {
    const g = group({ size: 4 });
    g.crash(3);
    g.change(1, { type: 'remove', id: 4 });
    g.settle();
    pass(g, 2);
    for (const id of [1, 2]) compact(g, id, g.raft(id).appliedIndex);
    g.restart(3);
    pass(g, 5);
    expect(g.raft(3).status().membership.configuration.voters).toEqual([1, 2, 3]);
    g.crash(3);
    g.restart(3);
    expect(g.raft(3).status().membership.configuration.voters).toEqual([1, 2, 3]);
  });
});

function compact(g: RaftGroup, id: number, index: number): void {
  g.raft(id).compact(index);
  g.run(id);
}
