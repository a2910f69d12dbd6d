import { describe, expect, it } from 'vitest';
import { RaftGroup } from '../../testing/raft-group.js';
import type { Message } from '../message.js';
import type { MembershipChange } from './membership-change.js';
import {
  addVoter,
  configurationOf,
  electAmong,
  group,
  heartbeats,
  raft,
  remove,
} from './propose-change.test.support.js';

/** Settles with slow disks: every write is finished but those of `stalled`. */
function settleDisks(g: RaftGroup, stalled: readonly number[] = []): void {
  for (let i = 0; i < 8; i++) {
    g.settle();
    for (const id of g.ids) if (!stalled.includes(id)) g.finishWrites(id);
  }
}

describe('a change of the membership', () => {
  it('takes effect everywhere once it is applied', () => {
    const g = group({ size: 4 });
    g.elect(1);
    expect(g.change(1, remove(4)).accepted).toBe(true);
    expect(configurationOf(g, 1).voters).toEqual([1, 2, 3, 4]);
    g.settle();
    for (const id of [1, 2, 3]) expect(configurationOf(g, id).voters).toEqual([1, 2, 3]);
  });

  it('waits until what an earlier leader may have left is applied', () => {
    const g = group({ size: 5 });
    g.elect(1);
    expect(g.change(1, remove(5)).accepted).toBe(true);
    g.settle((m) => m.to > 2);
    g.crash(1);
    // Two unapplied changes at a time could leave two majorities without a member in common.
    electAmong(g, 2, [3, 4, 5], (m) => m.type === 'append');
    expect(g.change(2, remove(4))).toMatchObject({ accepted: false, reason: 'change-pending' });
    heartbeats(g, 2, 3);
    expect(configurationOf(g, 2).voters).toEqual([1, 2, 3, 4]);
    expect(g.change(2, remove(4)).accepted).toBe(true);
  });

  it('waits until the one before is applied, not only committed', () => {
    const g = group({ size: 5, manualDisk: true });
    g.campaign(1);
    settleDisks(g);
    expect(g.change(1, remove(5)).accepted).toBe(true);
    settleDisks(g, [1]);
    const { commit, applied } = g.raft(1).status();
    expect([commit, applied]).toEqual([2, 1]);
    expect(g.change(1, remove(4))).toMatchObject({ accepted: false, reason: 'change-pending' });
    settleDisks(g);
    expect(g.change(1, remove(4)).accepted).toBe(true);
  });

  it('keeps a member from campaigning that has not applied it, though it is committed', () => {
    const g = group({ size: 4, manualDisk: true });
    g.campaign(1);
    settleDisks(g);
    g.change(1, remove(4));
    settleDisks(g, [3]);
    expect(g.raft(3).status()).toMatchObject({ commit: 2, applied: 1 });
    g.tick(3, 25);
    expect(g.raft(3).role).toBe('follower');
    g.finishWrites(3);
    g.tick(3, 25);
    expect(g.raft(3).role).toBe('pre-candidate');
  });

  it('never takes effect when its entry is replaced', () => {
    const g = group();
    g.elect(1);
    g.change(1, remove(3));
    g.network = [];
    g.crash(1);
    g.elect(2);
    g.propose(2, 'a');
    g.restart(1);
    heartbeats(g, 2, 3);
    expect(g.appliedTexts(1)).toEqual(['a']);
    expect(configurationOf(g, 1).voters).toEqual([1, 2, 3]);
    g.elect(1);
    g.change(1, remove(2));
    g.settle();
    expect(configurationOf(g, 1).voters).toEqual([1, 3]);
    expect(configurationOf(g, 3).voters).toEqual([1, 3]);
  });

  it('that makes it joint outlives a restart, also of a log that was compacted', () => {
    const g = group({ size: 4, voters: [1, 2, 3], learners: [4] });
    g.elect(1);
    g.settle();
    const changes = [addVoter(4), remove(2)];
    g.raft(1).changeMembership({ changes, transition: 'explicit' });
    g.settle();
    const joint = { voters: [1, 3, 4], outgoing: [1, 2, 3] };
    for (const id of g.ids) expect(configurationOf(g, id)).toMatchObject(joint);
    g.raft(3).compact(g.raft(3).appliedIndex);
    g.run(3);
    for (const id of g.ids) g.crash(id);
    for (const id of g.ids) g.restart(id);
    for (const id of g.ids) expect(configurationOf(g, id)).toMatchObject(joint);
    // Members 1 and 2 are a majority of the one half only; with 4 there is one of both.
    electAmong(g, 1, [2, 3, 4], () => false);
    const index = g.propose(1, 'a');
    g.settle((m) => m.to > 2);
    expect(g.raft(1).status().commit).toBeLessThan(index);
    g.tick(1);
    g.settle((m) => m.to === 2 || m.to === 3);
    expect(g.raft(1).status().commit).toBe(index);
  });

  it('that has been superseded elects nobody, though a restart forgot how far all is committed', () => {
    const g = group({ size: 5, voters: [1, 2, 3], learners: [4, 5] });
    g.elect(1);
    g.settle();
    g.change(1, addVoter(4), addVoter(5), remove(1), remove(2));
    g.settle((m) => m.type === 'timeout-now');
    for (const id of g.ids) expect(configurationOf(g, id).voters).toEqual([3, 4, 5]);
    g.crash(3);
    for (const id of [1, 2]) {
      g.crash(id);
      // The state machine on disk is that of before, and so is the commit index: it was not written yet.
      const member = g.member(id);
      member.applied = member.applied.slice(0, 1);
      member.disk.hardState = { ...member.disk.hardState, commit: 1 };
      g.restart(id);
    }
    // Members 1 and 2 are a majority of the first configuration, 4 and 5 of the last one.
    for (const id of g.ids) g.tick(id, 10);
    g.network = [];
    for (const majority of [
      [1, 2],
      [4, 5],
    ]) {
      g.campaign(majority[0] ?? 0);
      g.settle((m) => m.type === 'append' || !majority.includes(m.to));
    }
    expect(g.ids.filter((id) => g.raft(id).role === 'leader')).toEqual([4]);
  });
});

describe('a member that is removed', () => {
  it('is not needed any more by who restarts with the state of before its removal', () => {
    const g = group({ size: 2 });
    g.elect(1);
    g.change(1, remove(2));
    g.settle();
    expect(configurationOf(g, 1).voters).toEqual([1]);
    // Its machine is turned off.
    g.crash(2);
    g.crash(1);
    g.member(1).applied = [];
    g.restart(1);
    g.tick(1, 30);
    expect(g.raft(1).role).toBe('leader');
  });

  it('tells of its removal who can not win without it, and has a later term already', () => {
    const g = group({ size: 2 });
    g.elect(1);
    // Member 2 has the change, does not hear that it is committed, and campaigns to no effect.
    g.change(1, remove(1));
    g.propose(1, 'not sent');
    g.settle(
      (m) => m.type === 'vote' || (m.type === 'append' && (m.commit > 1 || m.prevIndex > 1)),
    );
    expect(configurationOf(g, 1).voters).toEqual([2]);
    expect(g.raft(2)).toMatchObject({ role: 'candidate', term: 2 });
    expect(g.raft(1).term).toBe(1);
    for (let i = 0; i < 40; i++) {
      g.tick(2);
      g.settle();
    }
    expect(g.raft(2).role).toBe('leader');
  });

  it('does not campaign any more once it knows', () => {
    const g = group({ size: 4 });
    g.elect(1);
    g.change(1, remove(4));
    g.settle();
    expect(configurationOf(g, 4).voters).toEqual([1, 2, 3]);
    g.tick(4, 100);
    expect(g.network).toEqual([]);
    expect(g.raft(4).role).toBe('follower');
  });

  it('disturbs nobody while it does not know, with pre-vote and without', () => {
    for (const preVote of [true, false]) {
      const g = group({ size: 4, raft: { ...raft, preVote } });
      g.elect(1);
      const { term } = g.raft(1);
      g.change(1, remove(4));
      g.settle((m) => m.to === 4 && m.type === 'append' && m.commit > 1);
      expect(configurationOf(g, 4).voters).toEqual([1, 2, 3, 4]);
      for (let i = 0; i < 50; i++) {
        for (const id of g.ids) g.tick(id);
        g.settle();
      }
      expect(g.raft(4).role).not.toBe('follower');
      expect(g.raft(1).role).toBe('leader');
      expect(g.raft(1).term).toBe(term);
    }
  });

  it('does not lead by a configuration that it left, though it forgot that the change is committed', () => {
    const g = group({ size: 2, voters: [1], learners: [2] });
    g.elect(1);
    heartbeats(g, 1, 2);
    g.change(1, addVoter(2), remove(1));
    heartbeats(g, 1, 2);
    expect(configurationOf(g, 2).voters).toEqual([2]);
    // The commit index was not written yet, nor what is applied.
    const { disk } = g.member(1);
    disk.hardState = { ...disk.hardState, commit: 1 };
    g.crash(1);
    g.member(1).applied = [];
    g.restart(1);
    g.tick(1, 30);
    g.settle((m) => m.to === 2);
    const outcomes = g
      .raft(1)
      .status()
      .elections.map(({ outcome }) => outcome);
    expect(outcomes).not.toContain('won');
  });

  it('gives up its campaign when that tells it of its removal', () => {
    const g = new RaftGroup({ size: 5, raft });
    g.elect(2);
    pass(g, 2);
    const end = g.raft(2).status().lastIndex;
    g.change(2, { type: 'remove', id: 1 });
    // Only member 2 knows that it is committed, and it has an entry more.
    g.settle((m) => m.from === 2 && m.type === 'append' && m.commit > end);
    g.propose(2, 'a');
    g.network = [];
    g.crash(2);
    g.restart(2);
    for (const id of g.ids) g.tick(id, 10);
    g.network = [];
    g.campaign(1);
    // Member 2 refuses first, and the others would not.
    const later = g.network.filter((m) => m.to > 2);
    g.settle((m) => later.includes(m));
    g.network = later;
    g.settle();
    expect(g.raft(1).status()).toMatchObject({ voter: false, role: 'follower' });
  });

  it('leads on until its own removal is applied, and then no longer', () => {
    const g = group();
    g.elect(1);
    expect(g.change(1, remove(1)).accepted).toBe(true);
    expect(g.raft(1).role).toBe('leader');
    g.tick(1, 5);
    g.network = [];
    expect(g.raft(1).role).toBe('leader');
    heartbeats(g, 1, 1);
    expect(g.raft(1).role).toBe('follower');
    expect(configurationOf(g, 2).voters).toEqual([2, 3]);
    g.settle();
    // Who takes over was asked to; nobody has to wait for an election timeout.
    expect([2, 3].map((id) => g.raft(id).role)).toContain('leader');
    g.tick(1, 100);
    g.settle();
    expect(g.raft(1).role).toBe('follower');
  });

  it('has no part in confirming reads', () => {
    const g = group({ size: 5 });
    g.elect(1);
    g.change(1, remove(5));
    const isAcknowledgement = (m: Message) => m.type === 'append-response' && m.from > 3;
    g.settle(isAcknowledgement);
    expect(configurationOf(g, 1).voters).toEqual([1, 2, 3, 4]);
    g.raft(1).readIndex(7);
    g.run(1);
    const round = g.network.flatMap((m) => (m.type === 'heartbeat' ? [m.round] : []))[0] ?? 0;
    g.network = [2, 5].map((from) => ({
      type: 'heartbeat-response',
      from,
      to: 1,
      term: 1,
      round,
      recovery: 0,
      priority: 3,
      commit: 0,
      commitTerm: 0,
    }));
    g.settle();
    // Members 1 and 2 are two of four.
    expect(g.member(1).readyReads).toEqual([]);
    g.tick(1);
    g.settle((m) => m.to > 3 || m.from > 3);
    expect(g.member(1).readyReads).toEqual([{ context: 7, index: 2 }]);
  });
});

/** Members 1 to 3 vote, and 1 leads; 4 and 5 are there and know nothing. */
function grown(): RaftGroup {
  const g = new RaftGroup({ size: 5, voters: [1, 2, 3], raft });
  g.elect(1);
  g.settle();
  return g;
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
  it('leave one member of two that is able to lead, though the other holds more and is none', () => {
    const g = new RaftGroup({ size: 2, voters: [1, 2], raft });
    g.elect(1);
    g.settle();
    g.change(1, { type: 'remove', id: 1 });
    g.propose(1, 'a');
    // Member 2 holds the change, and hears neither of its commit nor of what comes behind it.
    const behind = (m: Message) => m.type === 'append' && m.entries.some((e) => e.index > 3);
    const tells = (m: Message) => m.type === 'append' && m.commit >= 3;
    g.settle((m) => behind(m) || tells(m) || m.type === 'timeout-now');
    pass(g, 60);
    expect(configurationOf(g, 2).voters).toEqual([2]);
    expect(g.raft(2).role).toBe('leader');
  });

  it('leave a joint configuration by themselves also after a transfer that kept them from it', () => {
    const g = grown();
    g.change(1, { type: 'add-learner', id: 4 });
    pass(g, 5);
    g.change(1, { type: 'add-voter', id: 4 }, { type: 'remove', id: 3 });
    g.raft(1).transferLeadership(2);
    g.run(1);
    const isUrging = (message: Message) => message.type === 'timeout-now';
    g.settle(isUrging);
    expect(configurationOf(g, 1).outgoing).toEqual([1, 2, 3]);
    for (let i = 0; i < 12; i++) {
      g.tick(1);
      g.settle(isUrging);
    }
    expect(configurationOf(g, 1)).toMatchObject({ voters: [1, 2, 4], outgoing: [] });
  });

  it('refuse what makes no sense, and leave nothing in the log', () => {
    const g = grown();
    const end = g.raft(1).status().lastIndex;
    expect(g.change(1)).toMatchObject({ reason: 'not-joint' });
    expect(g.change(1, { type: 'add-learner', id: 0 })).toMatchObject({ reason: 'invalid-change' });
    const nobody = [1, 2, 3].map((id) => ({ type: 'remove', id }) as const);
    expect(g.change(1, ...nobody)).toMatchObject({ reason: 'invalid-change' });
    expect(g.change(2, { type: 'remove', id: 3 })).toMatchObject({ reason: 'not-leader' });
    expect(g.raft(1).status().lastIndex).toBe(end);
  });

  it('refuse what nobody could read again, as it would stop every member', () => {
    const g = grown();
    const end = g.raft(1).status().lastIndex;
    const bad = [
      { changes: [{ type: 'promote', id: 2 }], transition: 'auto' },
      { changes: [{ type: 'add-learner', id: 4, endpoints: { member: 7 } }], transition: 'auto' },
      { changes: [{ type: 'remove', id: 3, endpoints: { member: 'c:1' } }], transition: 'auto' },
      { changes: [{ type: 'remove', id: 3 }], transition: 'at once' },
      { transition: 'auto' },
    ];
    for (const change of bad) {
      const outcome = g.raft(1).changeMembership(change as unknown as MembershipChange);
      expect(outcome).toMatchObject({ reason: 'invalid-change' });
    }
    expect(g.raft(1).status().lastIndex).toBe(end);
  });

  it('need both halves while the configuration is joint', () => {
    const g = grown();
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
    expect(votersOf(g, 1)).toEqual([1, 4]);
  });

  it('are refused that would leave most of the voters silent', () => {
    const g = grown();
    const without3 = (message: Message) => message.to === 3 || message.from === 3;
    for (let i = 0; i < 40; i++) {
      for (const id of [1, 2]) g.tick(id);
      g.settle(without3);
    }
    expect(g.change(1, { type: 'remove', id: 2 })).toMatchObject({ reason: 'majority-at-risk' });
    expect(g.change(1, { type: 'remove', id: 3 })).toMatchObject({ accepted: true });
    g.settle(without3);
    expect(votersOf(g, 1)).toEqual([1, 2]);
  });

  it('are taken in one at a time', () => {
    const g = grown();
    g.change(1, { type: 'add-learner', id: 4 });
    expect(g.change(1, { type: 'add-learner', id: 5 })).toMatchObject({ reason: 'change-pending' });
    pass(g, 3);
    expect(g.change(1, { type: 'add-learner', id: 5 })).toMatchObject({ accepted: true });
  });

  it('replace several members through a joint configuration that leaves itself', () => {
    const g = grown();
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
    expect(votersOf(g, 5)).toEqual([1, 4, 5]);
    expect(g.raft(1).status().membership.configuration.outgoing).toEqual([]);
  });
});

function votersOf(g: RaftGroup, id: number): readonly number[] {
  return configurationOf(g, id).voters;
}
