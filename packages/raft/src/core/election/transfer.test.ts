import { describe, expect, it } from 'vitest';
import type { RaftGroup } from '../../testing/raft-group.js';
import { group } from '../elected-group.test.support.js';

function transfer(g: RaftGroup, from: number, to: number): unknown {
  const outcome = g.raft(from).transferLeadership(to);
  g.run(from);
  return outcome;
}

describe('handing over the lead', () => {
  it('goes to who holds everything, at once, against fresh leases and without a pre-vote', () => {
    const g = group();
    expect(transfer(g, 1, 3)).toEqual({ accepted: true, number: 1 });
    g.settle();
    expect(g.raft(3).role).toBe('leader');
    expect(g.raft(3).term).toBe(2);
    expect(g.member(1).transfers).toMatchObject([{ target: 3, outcome: 'done' }]);
    expect(g.raft(3).status().elections.at(-1)).toMatchObject({
      reason: 'transfer',
      outcome: 'won',
      leaderBefore: 1,
    });
  });

  it('waits until the target holds everything, and takes in nothing meanwhile', () => {
    const g = group();
    g.propose(1, 'a');
    g.settle((message) => message.to === 3);
    transfer(g, 1, 3);
    expect(g.network.some((message) => message.type === 'timeout-now')).toBe(false);
    expect(g.raft(1).propose([Buffer.from('b')])).toMatchObject({ reason: 'transferring' });
    expect(g.change(1, { type: 'remove', id: 2 })).toMatchObject({ reason: 'transferring' });
    g.tick(1);
    g.settle();
    expect(g.raft(3).role).toBe('leader');
    expect(g.appliedTexts(3)).toEqual(['a']);
  });

  it('ends after an election timeout when the target does not answer, and proposals go on', () => {
    const g = group();
    transfer(g, 1, 3);
    for (let i = 0; i < 10; i++) {
      g.tick(1);
      g.settle((message) => message.to === 3);
    }
    expect(g.member(1).transfers).toMatchObject([{ target: 3, outcome: 'expired' }]);
    expect(g.propose(1, 'a')).toBeGreaterThan(0);
  });

  it('is asked for again when the target could not campaign yet, or did not hear of it', () => {
    const g = group();
    transfer(g, 1, 3);
    g.settle((message) => message.type === 'timeout-now');
    expect(g.raft(1).role).toBe('leader');
    g.tick(1);
    g.settle();
    expect(g.raft(3).role).toBe('leader');
    expect(g.member(1).transfers).toMatchObject([{ target: 3, outcome: 'done' }]);
  });

  it('does not keep reads from being answered', () => {
    const g = group();
    transfer(g, 1, 3);
    g.raft(1).readIndex(7);
    g.run(1);
    g.settle((message) => message.to === 3 || message.from === 3);
    expect(g.member(1).readyReads).toMatchObject([{ context: 7 }]);
  });

  it('goes to the newer target when there are two', () => {
    const g = group();
    g.propose(1, 'a');
    g.settle((message) => message.to === 3);
    transfer(g, 1, 3);
    transfer(g, 1, 2);
    g.settle();
    expect(g.raft(2).role).toBe('leader');
    expect(g.member(1).transfers).toMatchObject([
      { target: 3, outcome: 'replaced' },
      { target: 2, outcome: 'done' },
    ]);
  });

  it('tells a transfer from an earlier one to the same target', () => {
    const g = group();
    g.propose(1, 'a');
    g.settle((message) => message.to !== 1);
    const numbers = [2, 3, 2, 2].map((target) => transfer(g, 1, target));
    expect(numbers).toEqual([1, 2, 3, 3].map((number) => ({ accepted: true, number })));
    g.tick(1);
    g.settle();
    expect(g.member(1).transfers).toMatchObject([
      { number: 1, target: 2, outcome: 'replaced' },
      { number: 2, target: 3, outcome: 'replaced' },
      { number: 3, target: 2, outcome: 'done' },
    ]);
  });

  it('says so when somebody else took the lead', () => {
    const g = group();
    g.propose(1, 'a');
    g.settle((message) => message.to === 3);
    transfer(g, 1, 3);
    g.network = [];
    g.tick(3, 10);
    g.network = [];
    g.tick(2, 20);
    g.settle();
    expect(g.raft(2).role).toBe('leader');
    expect(g.member(1).transfers).toMatchObject([{ target: 3, outcome: 'elsewhere' }]);
  });

  it('refuses targets that can not lead', () => {
    const g = group({ voters: [1, 2], learners: [3] });
    expect(transfer(g, 1, 3)).toMatchObject({ reason: 'invalid-target' });
    expect(transfer(g, 1, 1)).toMatchObject({ reason: 'invalid-target' });
    expect(transfer(g, 1, 9)).toMatchObject({ reason: 'invalid-target' });
    expect(transfer(g, 2, 1)).toMatchObject({ reason: 'not-leader', leader: 1 });
  });

  it('ends when the target is no voter any more', () => {
    const g = group();
    g.change(1, { type: 'remove', id: 3 });
    transfer(g, 1, 3);
    g.settle((message) => message.to === 3);
    expect(g.member(1).transfers).toMatchObject([{ target: 3, outcome: 'replaced' }]);
  });
});
