import { describe, expect, it } from 'vitest';
import { RaftGroup, type RaftGroupOptions } from '../../testing/raft-group.js';
import type { RaftOptions } from '../options.js';
import { Raft } from '../raft.js';

/** A tick is 10 ms: an election timeout of 100, a lease of 80. */
const raft: Partial<RaftOptions> = { electionTicks: 10, heartbeatTicks: 1, leaseMs: 80 };

function group(options: Partial<RaftGroupOptions> = {}): RaftGroup {
  const g = new RaftGroup({ size: 3, raft, ...options });
  // Until then a lease may hold that was given before they started.
  for (const id of g.ids) g.tick(id, 10);
  g.network = [];
  g.campaign(1);
  g.settle();
  return g;
}

/** Whether a read is answered without asking anybody. */
function readsAtOnce(g: RaftGroup, id = 1): boolean {
  const context = g.member(id).readyReads.length + 100 * id;
  const before = g.member(id).readyReads.length;
  g.raft(id).readIndex(context, g.nowMs);
  g.run(id);
  return g.member(id).readyReads.length > before;
}

function heartbeat(g: RaftGroup): void {
  g.tick(1);
  g.settle();
}

describe('leases', () => {
  it('answer reads at once while a majority has answered lately', () => {
    const g = group();
    expect(readsAtOnce(g)).toBe(false);
    g.settle();
    heartbeat(g);
    expect(readsAtOnce(g)).toBe(true);
  });

  it('end by the clock, not by ticks: a pause does not prolong them', () => {
    const g = group();
    heartbeat(g);
    g.nowMs += 79;
    expect(readsAtOnce(g)).toBe(true);
    g.nowMs += 1;
    expect(readsAtOnce(g)).toBe(false);
  });

  it('count from when the heartbeat left, not from when it was answered', () => {
    const g = group();
    heartbeat(g);
    g.nowMs = 50;
    g.tick(1);
    g.nowMs = 120;
    g.settle();
    g.nowMs = 129;
    expect(readsAtOnce(g)).toBe(true);
    g.nowMs = 130;
    expect(readsAtOnce(g)).toBe(false);
  });

  it('need the answers of a majority', () => {
    const g = group({ size: 5 });
    g.nowMs = 100;
    g.tick(1);
    g.settle((m) => m.to > 2);
    expect(readsAtOnce(g)).toBe(false);
  });

  it('are void once somebody was asked to take the lead', () => {
    const g = group();
    heartbeat(g);
    g.raft(1).transferLeadership(3);
    g.run(1);
    g.network = [];
    expect(readsAtOnce(g)).toBe(false);
    for (let i = 0; i < 12; i++) {
      g.tick(1);
      g.settle((message) => message.type === 'timeout-now');
    }
    expect(g.raft(1).role).toBe('leader');
    expect(readsAtOnce(g)).toBe(false);
  });

  it('keep a restarted member from voting for as long as one may hold', () => {
    const g = group();
    heartbeat(g);
    g.crash(3);
    g.restart(3);
    g.tick(2, 20);
    g.settle((message) => message.to === 1);
    expect(g.raft(2).role).not.toBe('leader');
    g.tick(3, 10);
    g.tick(2, 20);
    g.settle((message) => message.to === 1);
    expect(g.raft(2).role).toBe('leader');
  });

  it('keep a member from voting also when another message brings a later term', () => {
    const g = group();
    heartbeat(g);
    // Member 3 was about to campaign when 1 was elected, and answers what 2 sent it long ago.
    const { term, lastIndex } = g.raft(2).status();
    const later = { from: 3, to: 2, term: term + 1 } as const;
    const refusal = { index: 0, rejected: true, hintIndex: 0, hintTerm: 0, recovery: 0 } as const;
    const request = { ...later, type: 'vote', heard: true, lastIndex, lastTerm: term } as const;
    const asked = { ...request, preVote: false, transfer: false, commit: 0, commitTerm: 0 };
    g.raft(2).step({ ...later, type: 'append-response', ...refusal });
    g.raft(2).step(asked);
    g.run(2);
    expect(g.network).toMatchObject([{ type: 'vote-response', term: term + 1, granted: false }]);
    g.campaign(2);
    expect(g.raft(2)).toMatchObject({ role: 'follower', term: term + 1 });
    // The leader counts on nothing any more when it was the one that asked for it.
    g.raft(2).step({ ...asked, transfer: true });
    g.run(2);
    expect(g.network.at(-1)).toMatchObject({ type: 'vote-response', granted: true });
  });

  it('keep a member from campaigning on request while it has promised not to elect anybody', () => {
    const g = group();
    heartbeat(g);
    // Member 3 has not heard from the leader for long, and would vote for anybody.
    g.tick(3, 10);
    g.network = [];
    g.campaign(2);
    expect(g.raft(2).role).toBe('follower');
    g.crash(2);
    g.restart(2);
    g.campaign(2);
    expect(g.raft(2).role).toBe('follower');
    g.tick(2, 10);
    g.network = [];
    g.campaign(2);
    g.settle((message) => message.to === 1);
    expect(g.raft(2).role).toBe('leader');
  });

  it('keep a member from voting in a later term too, however it came to know of that', () => {
    const g = group();
    heartbeat(g);
    const term = g.raft(1).term + 1;
    const { lastIndex } = g.raft(2).status();
    const from3 = { from: 3, to: 2, term } as const;
    const answer = { index: 0, rejected: true, hintIndex: 0, hintTerm: 0, recovery: 0 };
    g.network.push({ ...from3, type: 'append-response', ...answer });
    const vote = { preVote: false, lastIndex, lastTerm: term - 1, commit: 0, commitTerm: 0 };
    g.network.push({ ...from3, type: 'vote', heard: true, transfer: false, ...vote });
    g.settle((message) => message.type === 'vote-response');
    expect(g.raft(2).status()).toMatchObject({ term, votedFor: 0 });
  });

  it('keep a member from forgetting its leader', () => {
    const g = group();
    heartbeat(g);
    g.raft(3).forgetLeader();
    expect(g.raft(3).leader).toBe(1);
  });

  it('are not given out by options that do not keep others from being elected', () => {
    const start = () =>
      new Raft({
        id: 1,
        log: group().member(1).disk.state(),
        applied: 0,
        random: () => 0,
        options: { leaseMs: 50, checkQuorum: false },
      });
    expect(start).toThrow(/leaseMs needs checkQuorum/);
  });
});

describe('forgetting a leader', () => {
  it('lets a member vote before its election timeout', () => {
    const g = new RaftGroup({ size: 3, raft: { ...raft, leaseMs: 0 } });
    g.elect(1);
    g.settle();
    g.crash(1);
    g.campaign(2);
    g.settle();
    expect(g.raft(2).role).toBe('pre-candidate');
    g.raft(3).forgetLeader();
    g.campaign(2);
    g.settle();
    expect(g.raft(2).role).toBe('leader');
  });
});
