import { describe, expect, it } from 'vitest';
import { RaftGroup } from '../../testing/raft-group.js';
import type { Message } from '../message.js';
import {
  addVoter,
  configurationOf,
  electAmong,
  group,
  heartbeats,
  raft,
} from './propose-change.test.support.js';

describe('a learner', () => {
  it('gets every entry, and counts for nothing', () => {
    const g = group({ size: 4, voters: [1, 2, 3], learners: [4] });
    g.elect(1);
    g.propose(1, 'a');
    g.settle((m) => m.to === 2 || m.to === 3);
    expect(g.appliedTexts(1)).toEqual([]);
    heartbeats(g, 1, 2);
    expect(g.appliedTexts(4)).toEqual(['a']);
    g.tick(4, 100);
    expect(g.raft(4).role).toBe('follower');
  });

  it('is promoted once it has caught up', () => {
    const options = { ...raft, maxPromotionLagEntries: 1 };
    const g = group({ voters: [1, 2], learners: [3], raft: options });
    g.elect(1);
    expect(g.change(1, addVoter(4))).toMatchObject({ accepted: false, reason: 'not-caught-up' });
    for (const text of ['a', 'b', 'c']) g.propose(1, text);
    g.settle((m) => m.to === 3);
    expect(g.change(1, addVoter(3))).toMatchObject({ accepted: false, reason: 'not-caught-up' });
    heartbeats(g, 1, 3);
    expect(g.change(1, addVoter(3)).accepted).toBe(true);
    g.settle();
    expect(configurationOf(g, 3).voters).toEqual([1, 2, 3]);
  });

  it('is not promoted while it was not heard from, however many entries it may lack', () => {
    const options = { ...raft, maxPromotionLagEntries: Number.POSITIVE_INFINITY };
    const g = group({ voters: [1, 2], learners: [3], raft: options });
    g.crash(3);
    g.elect(1);
    for (const id of [3, 4]) {
      expect(g.change(1, addVoter(id))).toMatchObject({ accepted: false, reason: 'not-caught-up' });
    }
    expect(g.change(1, addVoter(3))).toMatchObject({
      detail: 'member 3 was not heard from in this term',
    });
    g.restart(3);
    heartbeats(g, 1, 3);
    expect(g.change(1, addVoter(3)).accepted).toBe(true);
  });

  it('is not promoted unheard to make the voters most of whom are gone, without a limit either', () => {
    const options = { ...raft, maxPromotionLagEntries: Number.POSITIVE_INFINITY };
    const g = group({ size: 3, voters: [1, 2, 3], raft: options });
    g.elect(1);
    heartbeats(g, 1, 3);
    g.crash(1);
    g.crash(3);
    g.restart(1);
    electAmong(g, 2, [1], () => false);
    heartbeats(g, 2, 3);
    expect(g.change(2, { type: 'remove', id: 1 })).toMatchObject({ reason: 'majority-at-risk' });
  });

  it('votes for who knows that it was promoted, though it does not know itself', () => {
    const g = group({ voters: [1, 2], learners: [3] });
    g.elect(1);
    g.change(1, addVoter(3));
    g.settle((m) => m.to === 3);
    expect(configurationOf(g, 2).voters).toEqual([1, 2, 3]);
    expect(configurationOf(g, 3).learners).toEqual([3]);
    g.crash(1);
    electAmong(g, 2, [3], () => false);
  });

  it('leads when it alone holds the newest log, though it does not know of its promotion', () => {
    const g = new RaftGroup({ size: 3, voters: [1, 2], learners: [3], raft });
    g.elect(1);
    g.settle();
    g.change(1, addVoter(3));
    // Sent before the change is committed: members 1 and 3 commit it, and 3 knows of neither.
    const index = g.propose(1, 'a');
    const saysCommitted = (m: Message) => m.type === 'append' && m.commit >= index - 1;
    const holds = (m: Message) => m.type === 'append' && m.entries.some((e) => e.index === index);
    g.settle((m) => (m.to === 2 && holds(m)) || (m.to === 3 && saysCommitted(m)));
    expect(g.raft(1).status().commit).toBe(index);
    g.tick(1);
    g.settle((m) => m.to === 3 || m.type === 'append');
    expect(configurationOf(g, 2).voters).toEqual([1, 2, 3]);
    expect(configurationOf(g, 3).learners).toEqual([3]);
    expect(g.raft(3).status().lastIndex).toBeGreaterThan(g.raft(2).status().lastIndex);
    g.crash(1);
    for (let i = 0; i < 60; i++) {
      for (const id of [2, 3]) g.tick(id);
      g.settle();
    }
    expect(g.raft(3).role).toBe('leader');
    expect(g.raft(2).status().commit).toBeGreaterThan(index);
  });
});
