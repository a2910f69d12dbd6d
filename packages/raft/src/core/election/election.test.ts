import { describe, expect, it } from 'vitest';
import { RaftGroup, type RaftGroupOptions } from '../../testing/raft-group.js';
import type { RaftOptions } from '../options.js';

const raft: Partial<RaftOptions> = { electionTicks: 10, heartbeatTicks: 1 };

function group(options: Partial<RaftGroupOptions> = {}): RaftGroup {
  return new RaftGroup({ size: 3, raft, random: () => 0, ...options });
}

describe('election', () => {
  it('makes the first to time out the leader, and all apply its empty entry', () => {
    const g = group();
    g.tick(1, 10);
    g.settle();
    expect(g.raft(1).role).toBe('leader');
    expect(g.raft(1).term).toBe(1);
    for (const id of g.ids) {
      expect(g.raft(id).leader).toBe(1);
      expect(g.raft(id).status().applied).toBe(1);
    }
  });

  it('elects a single member without any message', () => {
    const g = group({ size: 1 });
    g.tick(1, 10);
    expect(g.raft(1).role).toBe('leader');
    expect(g.raft(1).status().commit).toBe(1);
  });

  it('tells a candidate that is terms behind, which may hear of it from nobody else (Raft paper, 5.1)', () => {
    const g = group({ raft: { ...raft, preVote: false } });
    g.elect(1);
    g.propose(1, 'a');
    g.settle((m) => m.to !== 3);
    g.crash(1);
    // 2 campaigns again and again, and knows nothing of 3: its log is too short to win.
    for (let i = 0; i < 5; i++) {
      g.tick(2, 20);
      g.settle((m) => m.from === 2);
    }
    const { term } = g.raft(2);
    expect(term).toBeGreaterThan(g.raft(3).term + 1);
    g.tick(3, 10);
    g.settle((m) => m.from === 2 && m.type === 'vote');
    expect(g.raft(3).term).toBe(term);
    g.tick(3, 10);
    g.settle();
    expect(g.raft(3).role).toBe('leader');
  });

  it('counts its own vote only once it is durable', () => {
    const g = group({ size: 1, manualDisk: true });
    g.tick(1, 10);
    expect(g.raft(1).role).toBe('candidate');
    g.finishWrites(1);
    expect(g.raft(1).role).toBe('leader');
  });

  it('draws timeouts between one and two election times', () => {
    const g = group({ random: () => 0.999 });
    g.tick(1, 18);
    expect(g.raft(1).role).toBe('follower');
    g.tick(1, 1);
    expect(g.raft(1).role).toBe('pre-candidate');
  });

  it('stays in its term while a pre-vote finds no majority, and disturbs nobody on return', () => {
    const g = group();
    g.elect(1);
    g.tick(3, 100);
    g.settle((m) => m.from === 3 || m.to === 3);
    expect(g.raft(3).term).toBe(1);
    for (let i = 0; i < 12; i++) {
      g.tick(1);
      g.settle();
    }
    expect(g.raft(1).role).toBe('leader');
    expect(g.raft(1).term).toBe(1);
    expect(g.raft(3).leader).toBe(1);
  });

  it('without pre-vote, lets a member that was cut off unseat the leader on return', () => {
    const g = group({ raft: { ...raft, preVote: false, checkQuorum: false } });
    g.elect(1);
    g.tick(3, 10);
    g.settle((m) => m.from === 3 || m.to === 3);
    expect(g.raft(3).term).toBe(2);
    expect(g.raft(1).role).toBe('leader');
    g.tick(3, 10);
    g.settle((m) => m.from === 2 || m.to === 2);
    expect(g.raft(1).role).toBe('follower');
    expect(g.raft(1).term).toBe(3);
  });

  it('refuses to vote for a shorter log', () => {
    const g = group();
    g.elect(1);
    g.propose(1, 'a');
    g.settle((m) => m.to === 3);
    g.tick(1, 30);
    g.tick(2, 30);
    g.network = [];
    g.campaign(3);
    g.settle((m) => m.type === 'vote' && m.from !== 3);
    expect(g.raft(3).role).not.toBe('leader');
  });

  it('compares logs by term before length', () => {
    const g = group();
    g.elect(1);
    for (const text of ['a', 'b', 'c']) {
      g.propose(1, text);
      g.network = [];
    }
    // Member 2 leads term 2 with a shorter log; member 1's longer one is older.
    g.crash(1);
    g.elect(2);
    g.restart(1);
    expect(g.raft(1).status().lastIndex).toBeGreaterThan(g.raft(2).status().lastIndex);
    g.tick(2, 30);
    g.tick(3, 30);
    g.network = [];
    g.campaign(1);
    g.settle((m) => m.type === 'vote' && m.from !== 1);
    expect(g.raft(1).role).not.toBe('leader');
  });

  it('votes once in a term, over a restart too', () => {
    const g = group({ raft: { ...raft, preVote: false, checkQuorum: false } });
    g.campaign(1);
    g.settle((m) => m.to === 2 || m.type === 'vote-response');
    expect(g.member(3).disk.hardState).toMatchObject({ term: 1, votedFor: 1 });
    g.crash(3);
    g.restart(3);
    g.campaign(2);
    g.settle((m) => m.to === 1 || m.from === 1);
    expect(g.raft(2).role).toBe('candidate');
  });

  it('makes a vote durable in a term that it had entered before', () => {
    const g = group({ raft: { ...raft, preVote: false, checkQuorum: false } });
    const vote = {
      type: 'vote',
      heard: true,
      transfer: false,
      to: 3,
      term: 4,
      preVote: false,
      lastIndex: 0,
      commit: 0,
      commitTerm: 0,
    } as const;
    g.elect(1);
    g.network.push({ ...vote, from: 1, lastTerm: 0 });
    g.deliver(0);
    expect(g.member(3).disk.hardState).toMatchObject({ term: 4, votedFor: 0 });
    g.network = [{ ...vote, from: 2, lastTerm: 3 }];
    g.deliver(0);
    expect(g.network).toMatchObject([{ type: 'vote-response', granted: true }]);
    expect(g.member(3).disk.hardState).toMatchObject({ term: 4, votedFor: 2 });
  });

  it('sends a vote only once it is durable', () => {
    const g = group({ manualDisk: true, raft: { ...raft, preVote: false } });
    g.campaign(1);
    g.settle();
    expect(g.network).toEqual([]);
    g.crash(2);
    g.crash(3);
    expect(g.raft(1).role).toBe('candidate');
    g.finishWrites(1);
    expect(g.raft(1).role).toBe('candidate');
  });

  it('lets no vote for what it held before a crash count after it', () => {
    const g = group({ manualDisk: true, raft: { ...raft, preVote: false, checkQuorum: false } });
    const settle = (disks: readonly number[]) => {
      for (let i = 0; i < 5; i++) {
        g.settle();
        for (const id of disks) g.finishWrites(id);
      }
    };
    g.campaign(1);
    settle([1, 2, 3]);
    g.propose(1, 'a');
    settle([1, 2]);
    expect(g.appliedTexts(1)).toEqual(['a']);
    // Member 3 has received the entry and campaigns with it; its disk has neither it nor the vote.
    g.crash(1);
    g.campaign(3);
    g.settle();
    g.crash(3);
    g.restart(3);
    g.finishWrites(2);
    g.campaign(3);
    settle([2, 3]);
    expect(g.raft(3).role).toBe('candidate');
    g.campaign(2);
    settle([2, 3]);
    expect(g.raft(2).role).toBe('leader');
    expect(g.appliedTexts(3)).toEqual(['a']);
  });

  it('counts a duplicated vote once', () => {
    const g = group({ size: 5, raft: { ...raft, preVote: false } });
    g.campaign(1);
    g.settle((m) => m.to > 2);
    expect(g.raft(1).role).toBe('candidate');
    const vote = {
      type: 'vote-response',
      from: 2,
      to: 1,
      term: 1,
      preVote: false,
      granted: true,
      commit: 0,
      commitTerm: 0,
    } as const;
    g.network.push(vote, vote, vote);
    g.settle();
    expect(g.raft(1).role).toBe('candidate');
  });

  it('learns what is committed from a vote that comes when it leads already', () => {
    const g = group();
    g.elect(1);
    g.settle();
    const index = g.propose(1, 'a');
    g.settle((m) => m.type === 'append-response');
    expect(g.appliedTexts(1)).toEqual([]);
    g.network.push({
      type: 'vote-response',
      from: 3,
      to: 1,
      term: 1,
      preVote: false,
      granted: true,
      commit: index,
      commitTerm: 1,
    });
    g.settle();
    expect(g.appliedTexts(1)).toEqual(['a']);
  });

  it('ignores candidates while the leader was heard from within an election timeout', () => {
    const g = group();
    g.elect(1);
    g.network.push({
      type: 'vote',
      heard: true,
      transfer: false,
      from: 3,
      to: 2,
      term: 9,
      preVote: false,
      lastIndex: 99,
      lastTerm: 9,
      commit: 0,
      commitTerm: 0,
    });
    g.settle();
    expect(g.raft(2).term).toBe(1);
    expect(g.raft(2).leader).toBe(1);
  });

  it('gives up the lead when no majority answers for an election timeout', () => {
    const g = group();
    g.elect(1);
    for (let i = 0; i < 20; i++) {
      g.tick(1);
      g.settle((m) => m.from !== 1 || m.to !== 1);
    }
    expect(g.raft(1).role).toBe('follower');
    expect(g.raft(1).leader).toBe(0);
  });

  it('is not put off by a candidate that can not win', () => {
    const g = group({ raft: { ...raft, preVote: false, checkQuorum: false } });
    g.elect(1);
    g.propose(1, 'a');
    g.settle((m) => m.to === 2);
    g.crash(1);
    // Member 2 lacks the entry, and always comes first, as one of higher priority would.
    for (let tick = 0; tick < 30; tick++) {
      g.tick(2);
      g.settle();
      g.tick(3);
      g.raft(3).setElectionTimeout(25);
      g.settle();
    }
    expect(g.raft(3).role).toBe('leader');
  });

  it('frees a candidate that is stuck in a higher term', () => {
    const g = group();
    g.elect(1);
    g.network.push({
      type: 'heartbeat',
      heard: true,
      from: 1,
      to: 3,
      term: 1,
      commit: 0,
      commitTerm: 0,
      round: 0,
      heldByAll: 0,
    });
    // Member 3 was in term 5 before; the leader of term 1 has to learn of it.
    g.member(3).disk.hardState = { term: 5, votedFor: 3, commit: 0, recovery: 0 };
    g.crash(3);
    g.restart(3);
    g.tick(1, 3);
    g.settle();
    expect(g.raft(1).term).toBe(5);
    for (let i = 0; i < 40; i++) {
      for (const id of g.ids) g.tick(id);
      g.settle();
    }
    expect(g.ids.filter((id) => g.raft(id).role === 'leader')).toHaveLength(1);
  });
});
