import { describe, expect, it } from 'vitest';
import { RaftGroup, type RaftGroupOptions } from '../testing/raft-group.js';
import type { RaftOptions } from './options.js';

const raft: Partial<RaftOptions> = { electionTicks: 10, heartbeatTicks: 1 };

/** Every member draws other numbers, in each of its lives. */
function group(options: Partial<RaftGroupOptions> = {}): RaftGroup {
  let draws = 0;
  const random = () => (++draws % 1000) / 1_000_000;
  return new RaftGroup({ size: 3, raft, random, ...options });
}

function tickAll(g: RaftGroup, ids: readonly number[], times: number): void {
  for (let i = 0; i < times; i++) {
    for (const id of ids) g.tick(id);
    g.settle();
  }
}

describe('a member whose disk was emptied', () => {
  it('helps nobody to the lead who lacks what it had helped to commit', () => {
    const g = group();
    g.elect(1);
    g.propose(1, 'a');
    g.settle((m) => m.to === 3);
    expect(g.appliedTexts(1)).toEqual(['a']);
    g.crash(2);
    g.crash(1);
    g.wipe(2);
    tickAll(g, [2, 3], 60);
    expect([2, 3].map((id) => g.raft(id).role)).not.toContain('leader');
    // Member 1 has it; with its help everything goes on, and the wiped one catches up.
    g.restart(1);
    tickAll(g, [1, 2, 3], 60);
    expect(g.raft(1).role).toBe('leader');
    for (const id of g.ids) expect(g.appliedTexts(id)).toEqual(['a']);
    expect(g.raft(2).status().recovering).toBe(false);
  });

  it('takes part again once it has caught up', () => {
    const g = group();
    g.elect(1);
    g.propose(1, 'a');
    g.settle();
    g.crash(2);
    g.wipe(2);
    tickAll(g, g.ids, 20);
    expect(g.raft(2).status().recovering).toBe(false);
    g.crash(3);
    g.propose(1, 'b');
    g.settle();
    expect(g.appliedTexts(1)).toEqual(['a', 'b']);
  });

  it('counts for nothing while it catches up', () => {
    const g = group();
    g.elect(1);
    g.propose(1, 'a');
    g.settle();
    g.crash(3);
    g.crash(2);
    g.wipe(2);
    tickAll(g, [1, 2], 8);
    g.propose(1, 'b');
    tickAll(g, [1, 2], 5);
    expect(g.appliedTexts(1)).toEqual(['a']);
  });
});
