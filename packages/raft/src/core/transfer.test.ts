import { describe, expect, it } from 'vitest';
import { RaftGroup, type RaftGroupOptions } from '../testing/raft-group.js';
import type { RaftOptions } from './options.js';

const raft: Partial<RaftOptions> = { electionTicks: 10, heartbeatTicks: 1 };

function group(options: Partial<RaftGroupOptions> = {}): RaftGroup {
  return new RaftGroup({ size: 3, raft, random: () => 0, ...options });
}

function transfer(g: RaftGroup, from: number, target: number): void {
  expect(g.raft(from).transferLeadership(target)).toEqual({ accepted: true });
  g.run(from);
}

describe('handing over the lead', () => {
  it('makes the target lead at once', () => {
    const g = group();
    g.elect(1);
    transfer(g, 1, 3);
    g.settle();
    expect(g.raft(3).role).toBe('leader');
    expect(g.member(1).transfers).toEqual([{ type: 'transfer-ended', target: 3, outcome: 'done' }]);
  });

  it('waits until the target holds everything, and takes in nothing meanwhile', () => {
    const g = group();
    g.elect(1);
    for (const text of ['a', 'b']) g.propose(1, text);
    g.settle((m) => m.to === 3);
    transfer(g, 1, 3);
    expect(g.network.filter(({ type }) => type === 'timeout-now')).toEqual([]);
    expect(g.raft(1).propose([Buffer.from('c')])).toMatchObject({ reason: 'transferring' });
    expect(g.change(1, { type: 'remove', id: 2 })).toMatchObject({ reason: 'transferring' });
    for (let i = 0; i < 3; i++) {
      g.tick(1);
      g.settle();
    }
    expect(g.raft(3).role).toBe('leader');
    expect(g.appliedTexts(3)).toEqual(['a', 'b']);
  });

  it('ends after an election timeout, and writes and reads go on', () => {
    const g = group();
    g.elect(1);
    transfer(g, 1, 3);
    g.raft(1).readIndex(1);
    g.run(1);
    for (let i = 0; i < 10; i++) {
      g.settle((m) => m.to === 3);
      g.tick(1);
    }
    const ended = { type: 'transfer-ended', target: 3, outcome: 'expired' };
    expect(g.member(1).transfers).toEqual([ended]);
    expect(g.member(1).readyReads.map(({ context }) => context)).toEqual([1]);
    g.propose(1, 'a');
    g.settle((m) => m.to === 3);
    expect(g.appliedTexts(1)).toEqual(['a']);
  });

  it('goes to no learner, stranger or member itself', () => {
    const g = group({ voters: [1, 2], learners: [3] });
    g.elect(1);
    for (const target of [1, 3, 7]) {
      expect(g.raft(1).transferLeadership(target)).toMatchObject({ reason: 'invalid-target' });
    }
    expect(g.raft(2).transferLeadership(3)).toMatchObject({ reason: 'not-leader', leader: 1 });
  });

  it('is what a leader does whose disk stalls', () => {
    const g = group({ manualDisk: true, raft: { ...raft, maxWriteTicks: 15 } });
    g.campaign(1);
    const settle = (disks: readonly number[]) => {
      for (let i = 0; i < 8; i++) {
        g.settle();
        for (const id of disks) g.finishWrites(id);
      }
    };
    settle([1, 2, 3]);
    expect(g.raft(1).role).toBe('leader');
    g.propose(1, 'a');
    for (let i = 0; i < 14; i++) {
      g.tick(1);
      settle([2, 3]);
    }
    // The others hold it, so it is committed; this member can't apply it.
    expect(g.raft(1).role).toBe('leader');
    expect(g.raft(1).status()).toMatchObject({ commit: 2, applied: 1 });
    g.tick(1);
    settle([2, 3]);
    expect(g.raft(1).role).toBe('follower');
    expect([2, 3].map((id) => g.raft(id).role)).toContain('leader');
    expect(g.appliedTexts(2)).toEqual(['a']);
    // Nor does it campaign until its disk works again.
    g.crash(2);
    g.crash(3);
    g.tick(1, 50);
    expect(g.raft(1).role).toBe('follower');
    g.finishWrites(1);
    g.tick(1, 50);
    expect(g.raft(1).role).toBe('pre-candidate');
  });
});
