import { describe, expect, it } from 'vitest';
import { RaftGroup, type RaftGroupOptions } from '../testing/raft-group.js';
import type { MembershipChange } from './membership/change.js';
import type { RaftOptions } from './options.js';

const raft: Partial<RaftOptions> = { electionTicks: 10, heartbeatTicks: 1 };

/** Members 1 to 3 vote; the others are there and know nothing. */
function group(options: Partial<RaftGroupOptions> = {}): RaftGroup {
  const g = new RaftGroup({ size: 5, voters: [1, 2, 3], raft, ...options });
  g.elect(1);
  g.settle();
  return g;
}

function votersAt(g: RaftGroup, id: number): readonly number[] {
  return g.raft(id).status().membership.configuration.voters;
}

function pass(g: RaftGroup, ticks: number): void {
  for (let i = 0; i < ticks; i++) {
    for (const id of g.ids) g.tick(id);
    g.settle();
  }
}

const explicit = (...changes: MembershipChange['changes']): MembershipChange => ({
  changes,
  transition: 'explicit',
});

describe('changes of the membership', () => {
  it('take effect when they are applied, on every member', () => {
    const g = group();
    g.change(1, { type: 'add-learner', id: 4 });
    expect(g.raft(1).status().membership.configuration.learners).toEqual([]);
    pass(g, 3);
    for (const id of [1, 2, 3, 4]) {
      expect(g.raft(id).status().membership.configuration.learners).toEqual([4]);
    }
    expect(g.raft(4).status().voter).toBe(false);
  });

  it('are taken in one at a time', () => {
    const g = group();
    g.change(1, { type: 'add-learner', id: 4 });
    expect(g.change(1, { type: 'add-learner', id: 5 })).toMatchObject({ reason: 'change-pending' });
    pass(g, 3);
    expect(g.change(1, { type: 'add-learner', id: 5 })).toMatchObject({ accepted: true });
  });

  it('wait until a new leader has applied what others left in its log', () => {
    const g = group();
    g.change(1, { type: 'remove', id: 3 });
    g.settle((message) => message.type === 'append' && (message.to === 3 || message.commit > 2));
    g.crash(1);
    // Member 2 holds the change and knows of no commit: it may lead, and must not add another one.
    for (let i = 0; i < 10; i++) for (const id of [2, 3]) g.tick(id);
    g.network = [];
    g.campaign(2);
    g.settle((message) => message.type === 'append');
    expect(g.raft(2).role).toBe('leader');
    expect(g.change(2, { type: 'add-learner', id: 4 })).toMatchObject({ reason: 'change-pending' });
  });

  it('refuse what makes no sense, and leave nothing in the log', () => {
    const g = group();
    const end = g.raft(1).status().lastIndex;
    expect(g.change(1)).toMatchObject({ reason: 'not-joint' });
    expect(g.change(1, { type: 'add-learner', id: 0 })).toMatchObject({ reason: 'invalid-change' });
    const nobody = [1, 2, 3].map((id) => ({ type: 'remove', id }) as const);
    expect(g.change(1, ...nobody)).toMatchObject({ reason: 'invalid-change' });
    expect(g.change(2, { type: 'remove', id: 3 })).toMatchObject({ reason: 'not-leader' });
    expect(g.raft(1).status().lastIndex).toBe(end);
  });

  it('make nobody a voter who has not caught up', () => {
    const g = group({ raft: { ...raft, maxPromotionLagEntries: 2 } });
    expect(g.change(1, { type: 'add-voter', id: 4 })).toMatchObject({ reason: 'not-caught-up' });
    g.change(1, { type: 'add-learner', id: 4 });
    pass(g, 3);
    for (const text of ['a', 'b', 'c']) g.propose(1, text);
    g.settle((message) => message.to === 4);
    expect(g.change(1, { type: 'add-voter', id: 4 })).toMatchObject({ reason: 'not-caught-up' });
    pass(g, 5);
    expect(g.change(1, { type: 'add-voter', id: 4 })).toMatchObject({ accepted: true });
    pass(g, 3);
    expect(votersAt(g, 4)).toEqual([1, 2, 3, 4]);
  });

  it('count a promoted learner, and not before', () => {
    const g = group({ size: 4, voters: [1, 2], learners: [3, 4] });
    g.propose(1, 'a');
    g.settle((message) => message.to === 2);
    expect(g.appliedTexts(1)).toEqual([]);
    pass(g, 2);
    g.change(1, { type: 'add-voter', id: 3 });
    pass(g, 2);
    g.propose(1, 'b');
    g.settle((message) => message.to === 2);
    expect(g.appliedTexts(1)).toEqual(['a', 'b']);
  });

  it('replace several members through a joint configuration that leaves itself', () => {
    const g = group();
    for (const id of [4, 5]) {
      g.change(1, { type: 'add-learner', id });
      pass(g, 5);
    }
    g.change(
      1,
      { type: 'add-voter', id: 4 },
      { type: 'add-voter', id: 5 },
      { type: 'remove', id: 2 },
      { type: 'remove', id: 3 },
    );
    g.settle((message) => message.to >= 4 && message.type === 'append');
    expect(g.raft(1).status().membership.configuration).toMatchObject({
      voters: [1, 4, 5],
      outgoing: [1, 2, 3],
    });
    pass(g, 5);
    expect(votersAt(g, 5)).toEqual([1, 4, 5]);
    expect(g.raft(1).status().membership.configuration.outgoing).toEqual([]);
  });

  it('need both halves while the configuration is joint', () => {
    const g = group();
    g.change(1, { type: 'add-learner', id: 4 });
    pass(g, 5);
    g.raft(1).changeMembership(
      explicit({ type: 'add-voter', id: 4 }, { type: 'remove', id: 2 }, { type: 'remove', id: 3 }),
    );
    pass(g, 5);
    expect(g.change(1, { type: 'add-learner', id: 5 })).toMatchObject({ reason: 'joint' });
    g.propose(1, 'a');
    g.settle((message) => message.to === 2 || message.to === 3);
    expect(g.appliedTexts(1)).toEqual([]);
    pass(g, 2);
    expect(g.appliedTexts(1)).toEqual(['a']);
    g.propose(1, 'b');
    g.settle((message) => message.to === 4);
    expect(g.appliedTexts(1)).toEqual(['a']);
    pass(g, 2);
    expect(g.change(1)).toMatchObject({ accepted: true });
    pass(g, 5);
    expect(votersAt(g, 1)).toEqual([1, 4]);
  });

  it('survive a restart, a joint configuration too', () => {
    const g = group();
    g.raft(1).changeMembership(explicit({ type: 'remove', id: 3 }));
    pass(g, 5);
    const before = g.raft(2).status().membership;
    expect(before.configuration.outgoing).toEqual([1, 2, 3]);
    g.crash(2);
    g.restart(2);
    expect(g.raft(2).status().membership).toEqual(before);
  });

  it('are forgotten when their entry is cut off the log', () => {
    const g = group();
    g.change(1, { type: 'remove', id: 3 });
    g.network = [];
    g.crash(1);
    g.elect(2);
    g.propose(2, 'a');
    g.settle();
    g.restart(1);
    pass(g, 5);
    expect(votersAt(g, 1)).toEqual([1, 2, 3]);
    expect(g.appliedTexts(1)).toEqual(['a']);
  });

  it('let a leader remove itself: it commits that without counting itself, then gives up', () => {
    const g = group();
    g.change(1, { type: 'remove', id: 1 });
    expect(g.raft(1).role).toBe('leader');
    g.settle((message) => message.type === 'timeout-now');
    expect(g.raft(1).role).toBe('follower');
    pass(g, 25);
    const leaders = g.ids.filter((id) => g.raft(id).role === 'leader');
    expect(leaders).toHaveLength(1);
    expect(leaders).not.toContain(1);
    expect(votersAt(g, leaders[0] ?? 0)).toEqual([2, 3]);
  });

  it('hand the lead on when a leader has removed itself', () => {
    const g = group();
    g.change(1, { type: 'remove', id: 1 });
    g.settle();
    expect([g.raft(2).role, g.raft(3).role]).toContain('leader');
  });

  it('keep those who were removed from disturbing the others', () => {
    const g = group();
    g.change(1, { type: 'remove', id: 3 });
    g.settle((message) => message.to === 3);
    const { term } = g.raft(1);
    pass(g, 60);
    expect(g.raft(1)).toMatchObject({ role: 'leader', term });
  });

  it('keep a member from campaigning while it has not applied a committed one', () => {
    const g = new RaftGroup({ size: 3, raft, manualDisk: true });
    const turns = (slow: number) => {
      for (let i = 0; i < 6; i++) {
        g.settle();
        for (const id of g.ids) if (id !== slow) g.finishWrites(id);
      }
      g.settle();
    };
    g.campaign(1);
    turns(0);
    g.change(1, { type: 'remove', id: 3 });
    // Member 2 learns that it is committed, while its own disk is slow with it.
    turns(2);
    g.tick(1);
    turns(2);
    expect(g.raft(2).status()).toMatchObject({ commit: 2, applied: 1 });
    g.campaign(2);
    expect(g.raft(2).role).toBe('follower');
    turns(0);
    g.campaign(2);
    expect(g.raft(2).role).toBe('pre-candidate');
  });

  it('have learners vote: they may have been promoted and not know it', () => {
    const g = group({ size: 3, voters: [1, 2], learners: [3] });
    g.change(1, { type: 'add-voter', id: 3 });
    g.settle((message) => message.to === 3);
    expect(g.raft(3).status().voter).toBe(false);
    g.crash(1);
    for (let i = 0; i < 12; i++) g.tick(3);
    g.network = [];
    g.tick(2, 12);
    g.settle();
    pass(g, 12);
    expect(g.raft(2).role).toBe('leader');
    expect(g.raft(3).status().voter).toBe(true);
  });
});
