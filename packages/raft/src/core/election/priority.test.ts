import { describe, expect, it } from 'vitest';
import { RaftGroup } from '../../testing/raft-group.js';
import type { MemberId } from '../log/entry.js';
import type { Message } from '../message.js';
import type { RaftOptions } from '../options.js';

const raft: Partial<RaftOptions> = { electionTicks: 10, heartbeatTicks: 1 };

function pass(g: RaftGroup, ticks: number, drop?: (message: Message) => boolean): void {
  for (let i = 0; i < ticks; i++) {
    for (const id of g.ids) g.tick(id);
    g.settle(drop);
  }
}

/** Members with these priorities, that member 1 leads. */
function group(priorities: readonly number[], options: Partial<RaftOptions> = {}): RaftGroup {
  const raftOf = Object.fromEntries(priorities.map((priority, i) => [i + 1, { priority }]));
  const g = new RaftGroup({ size: priorities.length, raft: { ...raft, ...options }, raftOf });
  g.elect(1);
  g.settle();
  return g;
}

/** Nobody but member 2 gets what is proposed and committed last, and member 1 crashes then. */
function leaveTheOnlyCopyTo2(g: RaftGroup): void {
  g.propose(1, 'a');
  g.settle((message) => message.to > 2);
  expect(g.appliedTexts(1)).toEqual(['a']);
  g.crash(1);
}

function transfer(g: RaftGroup, from: MemberId, to: MemberId): void {
  g.raft(from).transferLeadership(to);
  g.run(from);
  g.settle();
}

describe('priority', () => {
  it('lets higher ones campaign first', () => {
    const raftOf = { 1: { priority: 1 }, 2: { priority: 2 }, 3: { priority: 3 } };
    const g = new RaftGroup({ size: 3, raft, raftOf });
    pass(g, 19);
    expect(g.raft(3).role).toBe('leader');
  });

  it('0 comes behind all others, and campaigns when none of them does', () => {
    const g = new RaftGroup({ size: 3, raft, raftOf: { 1: { priority: 0 } } });
    g.tick(1, 39);
    expect(g.raft(1).role).toBe('follower');
    g.tick(1, 11);
    expect(g.raft(1).role).toBe('pre-candidate');
  });
});

describe('a priority that the membership gives', () => {
  /** Gives a member a priority, by whoever leads. */
  function give(g: RaftGroup, leader: MemberId, id: MemberId, priority: number): void {
    const change = { changes: [{ type: 'update', id, priority }], transition: 'auto' } as const;
    expect(g.raft(leader).changeMembership(change)).toMatchObject({ accepted: true });
    g.run(leader);
    g.settle();
    pass(g, 2);
  }

  it('takes the place of that of the options, also after a restart', () => {
    const g = group([3, 3, 3]);
    give(g, 1, 2, 0);
    g.restart(2);
    g.tick(2, 39);
    expect(g.raft(2).role).toBe('follower');
    give(g, 1, 2, 3);
    g.tick(2, 20);
    expect(g.raft(2).role).toBe('pre-candidate');
  });

  it('has a leader that is not to lead any more hand over, though it was asked to campaign', () => {
    const g = group([3, 3, 3]);
    give(g, 1, 1, 0);
    pass(g, 20);
    const [leader = 0] = g.ids.filter((id) => g.raft(id).role === 'leader');
    expect(leader).toBeGreaterThan(1);
    transfer(g, leader, 1);
    pass(g, 20);
    // A lead that it is handed afterwards it keeps.
    expect(g.raft(1).role).toBe('leader');
  });

  it('goes with the member', () => {
    const g = group([3, 3, 3]);
    give(g, 1, 3, 1);
    const remove = { changes: [{ type: 'remove', id: 3 }], transition: 'auto' } as const;
    g.raft(1).changeMembership(remove);
    g.run(1);
    g.settle();
    expect(g.raft(1).status().membership.priorities).toBeUndefined();
  });
});

describe('a member of priority 0', () => {
  it.each([false, true])(
    'leads while it alone holds what is committed, and hands over then (pre-vote: %s)',
    (preVote) => {
      const g = group([3, 0, 3], { preVote });
      leaveTheOnlyCopyTo2(g);
      pass(g, 100);
      expect(g.raft(3).role).toBe('leader');
      expect(g.appliedTexts(3)).toEqual(['a']);
    },
  );

  it('goes on leading while there is nobody else, and takes in proposals', () => {
    const g = group([3, 0, 0]);
    leaveTheOnlyCopyTo2(g);
    pass(g, 200);
    expect(g.raft(2).role).toBe('leader');
    expect(g.member(2).transfers).toEqual([]);
    expect(g.propose(2, 'b')).toBeGreaterThan(0);
    g.settle();
    expect(g.appliedTexts(3)).toEqual(['a', 'b']);
    g.restart(1);
    pass(g, 50);
    expect(g.raft(1).role).toBe('leader');
  });

  it('hands over to the highest priority, and not to who can not lead', () => {
    const g = group([3, 0, 1, 2, 3]);
    g.propose(1, 'a');
    g.settle((message) => message.to > 2);
    g.crash(1);
    // Member 5 does not hear of it.
    const without5 = (message: Message) => message.to === 5 || message.from === 5;
    g.crash(5);
    g.propose(2, 'b');
    pass(g, 100, without5);
    expect(g.raft(4).role).toBe('leader');
  });

  it('tries again only after a while: meanwhile proposals are taken in', () => {
    const g = group([3, 0, 3]);
    leaveTheOnlyCopyTo2(g);
    const withoutWord = (message: Message) => message.type === 'timeout-now';
    const lead = () => g.raft(2).role === 'leader';
    for (let i = 0; i < 100 && !lead(); i++) pass(g, 1, withoutWord);
    expect(lead()).toBe(true);
    let taken = 0;
    for (let i = 0; i < 160; i++) {
      pass(g, 1, withoutWord);
      if (g.propose(2, 'b') > 0) taken++;
    }
    expect(g.member(2).transfers.map(({ outcome }) => outcome)).toEqual(['expired', 'expired']);
    expect(taken).toBeGreaterThan(120);
    pass(g, 100);
    expect(g.raft(3).role).toBe('leader');
  });

  it('tries less and less often with one that never wins: meanwhile nobody leads', () => {
    const g = new RaftGroup({
      size: 5,
      raft,
      raftOf: Object.fromEntries([1, 3, 4, 5].map((id) => [id, { priority: 0 }])),
    });
    // Member 2 is heard by member 1 alone.
    const lost = ({ from, to }: Message) => (from === 2 && to > 2) || (to === 2 && from > 2);
    g.crash(2);
    g.tick(1, 60);
    g.settle();
    expect(g.raft(1).role).toBe('leader');
    g.restart(2);
    let without = 0;
    for (let i = 0; i < 4000; i++) {
      pass(g, 1, lost);
      if (g.ids.every((id) => g.raft(id).role !== 'leader')) without++;
    }
    expect(g.member(1).transfers.length).toBeGreaterThan(2);
    expect(without).toBeLessThan(400);
  });

  it('keeps a lead that it was handed', () => {
    const g = group([3, 0, 3]);
    transfer(g, 1, 2);
    expect(g.raft(2).role).toBe('leader');
    pass(g, 100);
    expect(g.raft(2).role).toBe('leader');
  });
});
