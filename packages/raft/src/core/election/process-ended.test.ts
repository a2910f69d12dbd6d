import { describe, expect, it } from 'vitest';
import { RaftGroup } from '../../testing/raft-group.js';
import { group } from '../elected-group.test.support.js';
import type { MemberId } from '../log/entry.js';

/** The longest pause before a campaign: a quarter of the election timeout, in ticks. */
const LONGEST_PAUSE = 3;

function ended(g: RaftGroup, id: MemberId, seenBy: readonly MemberId[]): void {
  g.crash(id);
  for (const other of seenBy) g.raft(other).processEnded(id);
}

function pass(g: RaftGroup, ids: readonly MemberId[], ticks: number): void {
  for (let i = 0; i < ticks; i++) {
    for (const id of ids) g.tick(id);
    g.settle();
  }
}

describe('when the process of the leader has ended', () => {
  it('those who saw it elect another within a short pause', () => {
    const g = group();
    ended(g, 1, [2, 3]);
    pass(g, [2, 3], LONGEST_PAUSE);
    expect([g.raft(2).role, g.raft(3).role].sort()).toEqual(['follower', 'leader']);
    const leader = g.raft(2).role === 'leader' ? 2 : 3;
    expect(g.raft(leader).status().elections.at(-1)).toMatchObject({
      reason: 'leader-ended',
      outcome: 'won',
      leaderBefore: 1,
    });
  });

  it('pauses are drawn: not all campaign in the same tick', () => {
    const draws = [0, 0.5, 0.99];
    const ticks = draws.map((draw) => {
      let random = 0;
      const g = group({ random: () => random });
      random = draw;
      ended(g, 1, [2]);
      let ticks = 0;
      while (g.raft(2).role === 'follower') {
        g.tick(2);
        ticks++;
      }
      return ticks;
    });
    expect(ticks).toEqual([1, 2, LONGEST_PAUSE]);
  });

  it('those who ask in the same moment do not split the vote', () => {
    let random = 0.3;
    const g = group({ random: () => random });
    random = 0;
    ended(g, 1, [2, 3]);
    for (const id of [3, 2]) g.tick(id);
    expect([g.raft(2).role, g.raft(3).role]).toEqual(['pre-candidate', 'pre-candidate']);
    g.settle();
    expect([g.raft(2).role, g.raft(3).role]).toEqual(['leader', 'follower']);
  });

  it('who has the newer log is not put off by one who asks in the same moment', () => {
    let random = 0.3;
    const g = group({ random: () => random });
    g.propose(1, 'a');
    g.settle((m) => m.to === 2);
    random = 0;
    ended(g, 1, [2, 3]);
    for (const id of [2, 3]) g.tick(id);
    g.settle();
    expect([g.raft(2).role, g.raft(3).role]).toEqual(['follower', 'leader']);
  });

  it('who has a lower priority comes behind the others', () => {
    const g = group({ raftOf: { 2: { priority: 2 } } });
    ended(g, 1, [2]);
    pass(g, [2], LONGEST_PAUSE);
    expect(g.raft(2).role).toBe('follower');
    pass(g, [2], LONGEST_PAUSE);
    expect(g.raft(2).role).toBe('pre-candidate');
  });

  it('nobody campaigns who follows another, or nobody', () => {
    const g = group();
    ended(g, 3, [1, 2]);
    pass(g, [2], 9);
    expect(g.raft(2)).toMatchObject({ role: 'follower', leader: 1 });
    expect(g.raft(1).role).toBe('leader');
  });

  it('the others vote, but who heard from it lately and has not seen it', () => {
    const g = group();
    ended(g, 1, [2]);
    pass(g, [2], LONGEST_PAUSE);
    expect(g.raft(2)).toMatchObject({ role: 'pre-candidate', term: 1 });
    // Once the last has seen it too, one of them wins, whoever asked too early.
    g.raft(3).processEnded(1);
    pass(g, [2, 3], LONGEST_PAUSE);
    expect(g.raft(3).role).toBe('leader');
  });

  it('who has a priority of 0 votes at once, and waits for its own timeout', () => {
    const g = group({ raftOf: { 3: { priority: 0 } } });
    ended(g, 1, [2, 3]);
    pass(g, [3], 9);
    expect(g.raft(3)).toMatchObject({ role: 'follower', leader: 0 });
    pass(g, [2], LONGEST_PAUSE);
    expect(g.raft(2).role).toBe('leader');
  });
});

describe('when the process of a leader seems to have ended that lives', () => {
  it('nobody enters another term, and who asked follows it again with its next heartbeat', () => {
    const g = group();
    const { term } = g.raft(1);
    g.raft(2).processEnded(1);
    for (let i = 0; i < LONGEST_PAUSE; i++) {
      g.tick(2);
      g.settle();
    }
    expect(g.raft(2)).toMatchObject({ role: 'pre-candidate', term });
    g.tick(1);
    g.settle();
    for (const id of g.ids) expect(g.raft(id)).toMatchObject({ term, leader: 1 });
  });

  it('asks once, and then waits for all of its election timeout', () => {
    const g = group();
    const from2 = (m: { from: MemberId; to: MemberId }) => m.from === 1 && m.to === 2;
    g.raft(2).processEnded(1);
    let asked = 0;
    for (let i = 0; i < LONGEST_PAUSE + 9; i++) {
      for (const id of g.ids) g.tick(id);
      asked += g.network.filter((m) => m.type === 'vote' && m.to === 3).length;
      g.settle(from2);
    }
    expect(asked).toBe(1);
    expect(g.raft(1).role).toBe('leader');
  });

  it('has its timeout back as soon as the leader is heard', () => {
    const g = group();
    g.raft(2).processEnded(1);
    g.tick(1);
    g.settle();
    for (let i = 0; i < 9; i++) g.tick(2);
    expect(g.raft(2)).toMatchObject({ role: 'follower', leader: 1 });
  });

  it('has its timeout back when it votes for another', () => {
    const g = group({ size: 5 });
    ended(g, 1, [2, 3, 4, 5]);
    g.tick(2, LONGEST_PAUSE);
    g.settle((m) => m.to > 3 && m.type !== 'vote');
    expect(g.raft(2).role).toBe('leader');
    g.tick(4, 9);
    expect(g.raft(4).role).toBe('follower');
  });

  it('without checkQuorum nobody would refuse: the election timeout stays', () => {
    const g = group({ raft: { electionTicks: 10, heartbeatTicks: 1, checkQuorum: false } });
    g.raft(2).processEnded(1);
    g.tick(2, 9);
    expect(g.raft(2)).toMatchObject({ role: 'follower', leader: 1 });
  });

  it('asks first also where campaigns begin without', () => {
    const g = group({ raft: { electionTicks: 10, heartbeatTicks: 1, preVote: false } });
    const { term } = g.raft(1);
    g.raft(2).processEnded(1);
    g.tick(2, LONGEST_PAUSE);
    expect(g.raft(2)).toMatchObject({ role: 'pre-candidate', term });
  });
});

describe('leases', () => {
  it('are waited for by who promised them, though the process of the leader has ended', () => {
    const g = new RaftGroup({
      size: 3,
      raft: { electionTicks: 10, heartbeatTicks: 1, leaseMs: 80 },
    });
    for (const id of g.ids) g.tick(id, 10);
    g.network = [];
    g.campaign(1);
    g.settle();
    g.tick(1);
    g.settle();
    ended(g, 1, [2, 3]);
    pass(g, [2, 3], 9);
    expect([g.raft(2).role, g.raft(3).role]).toEqual(['follower', 'follower']);
    pass(g, [2, 3], 1 + LONGEST_PAUSE);
    expect([g.raft(2).role, g.raft(3).role].sort()).toEqual(['follower', 'leader']);
  });
});

describe('a leader whose successor has ended', () => {
  it('goes on at once, and takes it for no successor', () => {
    const g = group();
    g.raft(1).transferLeadership(2);
    ended(g, 2, [1]);
    g.run(1);
    expect(g.member(1).transfers).toMatchObject([{ target: 2, outcome: 'expired' }]);
    expect(g.propose(1, 'a')).toBeGreaterThan(0);
    expect(g.raft(1).successor()).toBe(3);
    ended(g, 3, [1]);
    expect(g.raft(1).successor()).toBe(0);
  });
});

describe('the successor of a leader', () => {
  it('is the voter that has come furthest, also just after the quorum was checked', () => {
    const g = group({ size: 4, raftOf: { 3: { priority: 2 } } });
    g.propose(1, 'a');
    g.settle((m) => m.to === 2);
    // Its answer to a heartbeat says what priority a member has.
    g.tick(1);
    g.settle((m) => m.to === 2 && m.type === 'append');
    for (let i = 0; i < 10; i++) {
      expect(g.raft(1).successor()).toBe(4);
      g.tick(1);
      g.settle((m) => m.to === 2 && m.type === 'append');
    }
    g.crash(4);
    g.raft(1).processEnded(4);
    expect(g.raft(1).successor()).toBe(3);
    expect(g.raft(2).successor()).toBe(0);
  });

  it('is one that is meant to lead, where that keeps up, though another has come further', () => {
    const g = group({ raftOf: { 3: { priority: 0 } } });
    g.tick(1);
    g.settle();
    g.propose(1, 'a');
    g.settle((m) => m.to === 2 && m.type === 'append');
    const [, two, three] = g.raft(1).status().progress;
    expect((three?.match ?? 0) - (two?.match ?? 0)).toBe(1);
    expect(g.raft(1).successor()).toBe(2);
    // Who is being found out how far it has come may lack much.
    g.raft(1).reportUnreachable(2);
    expect(g.raft(1).successor()).toBe(3);
  });

  it('is nobody who is to go, too: two of them would hand the lead to each other', () => {
    const g = group({ size: 4 });
    g.tick(1);
    g.settle();
    expect(g.raft(1).successor()).toBe(2);
    expect(g.raft(1).successor([1, 2])).toBe(3);
    g.raft(1).transferLeadership(2);
    g.settle();
    g.tick(2);
    g.settle();
    expect(g.raft(2).successor()).toBe(1);
    expect(g.raft(2).successor([1, 2])).toBe(3);
  });

  it('is nobody who was not heard from for two election timeouts', () => {
    const g = group();
    g.tick(1, 20);
    expect(g.raft(1).successor()).toBe(0);
  });
});
