import { describe, expect, it } from 'vitest';
import { RaftGroup, type RaftGroupOptions } from '../testing/raft-group.js';
import type { RaftOptions } from './options.js';

const LEASE_MS = 60;
const raft: Partial<RaftOptions> = { electionTicks: 10, heartbeatTicks: 1, leaseMs: LEASE_MS };

/** Its leader's heartbeats went out at 0 ms and were answered. */
function groupWithLease(options: Partial<RaftGroupOptions> = {}): RaftGroup {
  const g = new RaftGroup({ size: 3, raft, random: () => 0, ...options });
  // A member that has begun anew votes for nobody for an election timeout.
  for (const id of g.ids) g.tick(id, 9);
  g.elect(1);
  g.tick(1);
  g.settle();
  return g;
}

/** Whether a read is answered without asking anybody. */
function readsByLease(g: RaftGroup, nowMs: number): boolean {
  const before = g.member(1).readyReads.length;
  g.nowMs = nowMs;
  expect(g.raft(1).readIndex(nowMs, nowMs).accepted).toBe(true);
  g.run(1);
  return g.member(1).readyReads.length > before;
}

describe('a lease', () => {
  it('answers reads at once, until its time is over', () => {
    const g = groupWithLease();
    expect(readsByLease(g, 0)).toBe(true);
    expect(readsByLease(g, LEASE_MS - 1)).toBe(true);
    // No tick has passed: the process was stopped, or its timers are late.
    expect(readsByLease(g, LEASE_MS)).toBe(false);
    expect(readsByLease(g, 1_000_000)).toBe(false);
  });

  it('counts from when the heartbeat was sent, not from when it was answered', () => {
    const g = groupWithLease();
    g.nowMs = 100;
    g.tick(1);
    g.nowMs = 150;
    g.settle();
    expect(readsByLease(g, 100 + LEASE_MS - 1)).toBe(true);
    expect(readsByLease(g, 100 + LEASE_MS)).toBe(false);
  });

  it('needs the answers of a majority', () => {
    const g = groupWithLease({ size: 5 });
    g.nowMs = 100;
    g.tick(1);
    g.settle((m) => m.to > 2);
    expect(readsByLease(g, 100)).toBe(false);
  });

  it('is not there before the first entry of the term is committed', () => {
    const g = new RaftGroup({ size: 3, raft, random: () => 0 });
    for (const id of g.ids) g.tick(id, 19);
    g.network = [];
    g.campaign(1);
    g.settle((m) => m.type === 'append');
    g.tick(1);
    g.settle((m) => m.type === 'append');
    expect(g.raft(1).role).toBe('leader');
    expect(readsByLease(g, 0)).toBe(false);
  });

  it('is void as soon as somebody was asked to take the lead', () => {
    const g = groupWithLease();
    expect(readsByLease(g, 0)).toBe(true);
    g.raft(1).transferLeadership(3);
    g.run(1);
    expect(readsByLease(g, 1)).toBe(false);
  });

  it('holds although a follower begins anew: for an election timeout it votes for nobody', () => {
    const g = groupWithLease();
    g.crash(2);
    g.restart(2);
    g.tick(3, 10);
    g.network = [];
    g.campaign(3);
    g.settle((m) => m.to === 1 || m.from === 1);
    expect(g.raft(3).role).toBe('pre-candidate');
  });
});
