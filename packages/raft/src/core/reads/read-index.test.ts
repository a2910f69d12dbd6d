import { describe, expect, it } from 'vitest';
import { RaftGroup, type RaftGroupOptions } from '../../testing/raft-group.js';
import type { RaftOptions } from '../options.js';

const raft: Partial<RaftOptions> = { electionTicks: 10, heartbeatTicks: 1 };

function group(options: Partial<RaftGroupOptions> = {}): RaftGroup {
  return new RaftGroup({ size: 3, raft, random: () => 0, ...options });
}

function read(g: RaftGroup, id: number, context: number): boolean {
  const { accepted } = g.raft(id).readIndex(context);
  g.run(id);
  return accepted;
}

describe('ReadIndex', () => {
  it('is not asked of a leader that a member without a vote has not heard of for long', () => {
    const g = new RaftGroup({
      size: 3,
      voters: [1, 2],
      learners: [3],
      raft: { electionTicks: 10 },
    });
    g.elect(1);
    g.tick(1, 3);
    g.settle();
    expect(g.raft(3).readIndex(1)).toMatchObject({ accepted: true });
    g.tick(3, 20);
    expect(g.member(3).failedReads).toEqual([1]);
    expect(g.raft(3).readIndex(2)).toMatchObject({ reason: 'not-leader', leader: 0 });
    g.tick(1, 3);
    g.settle();
    expect(g.raft(3).leader).toBe(1);
  });

  it('answers once a majority has confirmed the leader', () => {
    const g = group();
    g.elect(1);
    g.propose(1, 'a');
    g.settle();
    expect(read(g, 1, 7)).toBe(true);
    expect(g.member(1).readyReads).toEqual([]);
    g.settle();
    expect(g.member(1).readyReads).toEqual([{ context: 7, index: 2 }]);
  });

  it('confirms a single member by itself', () => {
    const g = group({ size: 1 });
    g.tick(1, 10);
    read(g, 1, 1);
    expect(g.member(1).readyReads).toEqual([{ context: 1, index: 1 }]);
  });

  it('needs a majority, not one less', () => {
    const g = group({ size: 5 });
    g.elect(1);
    read(g, 1, 1);
    g.settle((m) => m.to > 2);
    expect(g.member(1).readyReads).toEqual([]);
    g.tick(1);
    g.settle((m) => m.to > 3);
    expect(g.member(1).readyReads).toHaveLength(1);
  });

  it('is not confirmed by learners', () => {
    const g = group({ size: 5, voters: [1, 2, 3] });
    g.elect(1);
    g.settle();
    g.change(1, { type: 'add-learner', id: 4 }, { type: 'add-learner', id: 5 });
    for (let i = 0; i < 5; i++) {
      g.tick(1);
      g.settle();
    }
    expect(g.raft(1).status().membership.configuration.learners).toEqual([4, 5]);
    expect(g.raft(4).status().recovering).toBe(false);
    read(g, 1, 1);
    g.settle((m) => m.to === 2 || m.to === 3);
    expect(g.member(1).readyReads).toEqual([]);
    g.tick(1);
    g.settle();
    expect(g.member(1).readyReads).toHaveLength(1);
  });

  it('waits for the first entry of the term to commit', () => {
    const g = group();
    g.campaign(1);
    g.settle((m) => m.type === 'append');
    expect(g.raft(1).role).toBe('leader');
    read(g, 1, 1);
    g.tick(1);
    g.settle((m) => m.type === 'append');
    expect(g.member(1).readyReads).toEqual([]);
    for (let i = 0; i < 3; i++) {
      g.tick(1);
      g.settle();
    }
    expect(g.member(1).readyReads).toEqual([{ context: 1, index: 1 }]);
  });

  it('is not confirmed by answers to a round that began before it', () => {
    const g = group();
    g.elect(1);
    read(g, 1, 1);
    const firstRound = g.network.filter((m) => m.type === 'heartbeat');
    read(g, 1, 2);
    g.network = firstRound;
    for (const _ of firstRound) g.deliver(0);
    // The answers confirm the first read; the second needs a round of its own.
    const answers = g.network.filter((m) => m.type === 'heartbeat-response');
    g.network = answers;
    for (const _ of answers) g.deliver(0);
    expect(g.member(1).readyReads.map((r) => r.context)).toEqual([1]);
    g.settle();
    expect(g.member(1).readyReads.map((r) => r.context)).toEqual([1, 2]);
  });

  it('fails on a leader that was replaced meanwhile', () => {
    const g = group();
    g.elect(1);
    read(g, 1, 1);
    g.network = [];
    g.tick(2, 10);
    g.tick(3, 10);
    g.network = [];
    g.campaign(2);
    g.settle();
    expect(g.raft(2).role).toBe('leader');
    expect(g.member(1).readyReads).toEqual([]);
    expect(g.member(1).failedReads).toEqual([1]);
  });

  it('fails when the leader gives up for want of a majority', () => {
    const g = group();
    g.elect(1);
    read(g, 1, 1);
    for (let i = 0; i < 20; i++) {
      g.tick(1);
      g.network = [];
    }
    expect(g.member(1).failedReads).toEqual([1]);
  });

  it('is refused without a leader, and beyond the limit', () => {
    const g = group({ raft: { ...raft, maxPendingReads: 2 } });
    g.elect(1);
    g.crash(2);
    g.restart(2);
    expect(g.raft(2).readIndex(1)).toMatchObject({ reason: 'not-leader', leader: 0 });
    expect(read(g, 1, 1)).toBe(true);
    expect(read(g, 1, 2)).toBe(true);
    expect(g.raft(1).readIndex(3)).toMatchObject({ reason: 'overloaded' });
  });

  it('of a follower is not answered by what its earlier life had asked for', () => {
    // Each life draws other numbers.
    const g = new RaftGroup({ size: 3, raft });
    g.elect(1);
    g.settle();
    read(g, 2, 7);
    const asked = g.network.flatMap((m) => (m.type === 'read-index' ? [m.context] : []));
    expect(asked).toHaveLength(1);
    g.crash(2);
    g.propose(1, 'a');
    g.settle();
    g.restart(2);
    g.tick(1);
    g.settle();
    read(g, 2, 9);
    const late = { type: 'read-index-response', from: 1, to: 2, term: 1, index: 1 } as const;
    g.network = asked.map((context) => ({ ...late, context }));
    g.deliver(0);
    expect(g.member(2).readyReads).toEqual([]);
    expect(g.raft(2).status().pendingReads).toBe(1);
  });
});
