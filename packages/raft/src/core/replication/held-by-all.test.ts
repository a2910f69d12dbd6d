import { describe, expect, it } from 'vitest';
import type { RaftGroup } from '../../testing/raft-group.js';
import { group } from '../elected-group.test.support.js';
import { ENTRY_OVERHEAD_BYTES } from '../log/entry.js';

function pass(g: RaftGroup, ticks: number): void {
  for (let i = 0; i < ticks; i++) {
    g.tick(1);
    g.settle();
  }
}

function heldByAll(g: RaftGroup, ids = [1, 2, 3]): readonly number[] {
  return ids.map((id) => g.raft(id).status().heldByAll);
}

describe('heldByAll', () => {
  it('is what the member that holds least holds, and all hear it', () => {
    const g = group();
    for (const text of ['a', 'b']) g.propose(1, text);
    g.settle();
    pass(g, 2);
    expect(heldByAll(g)).toEqual([3, 3, 3]);
    g.crash(3);
    g.propose(1, 'c');
    g.settle();
    // So long that it is not taken for one that answers any more.
    pass(g, 25);
    expect(heldByAll(g, [1, 2])).toEqual([3, 3]);
    g.restart(3);
    expect(g.raft(3).status().heldByAll).toBe(0);
    pass(g, 4);
    expect(heldByAll(g)).toEqual([4, 4, 4]);
  });

  it('is not known while a member that the membership names has not been heard from', () => {
    const g = group();
    g.propose(1, 'a');
    g.settle();
    pass(g, 2);
    expect(heldByAll(g)).toEqual([2, 2, 2]);
    g.change(1, { type: 'add-learner', id: 4 });
    g.settle();
    expect(heldByAll(g)).toEqual([0, 0, 0]);
    pass(g, 2);
    expect(heldByAll(g)).toEqual([0, 0, 0]);
  });
});

describe('the bytes of a log', () => {
  it('follow what is appended, compacted and found again', () => {
    const g = group();
    for (const text of ['a', 'bb', 'ccc']) g.propose(1, text);
    g.settle();
    pass(g, 2);
    const bytes = 4 * ENTRY_OVERHEAD_BYTES + 6;
    expect(g.raft(2).status().logBytes).toBe(bytes);
    g.restart(2);
    expect(g.raft(2).status().logBytes).toBe(bytes);
    g.raft(1).compact(4);
    expect(g.raft(1).status()).toMatchObject({ logBytes: 0, firstIndex: 5 });
    g.propose(1, 'dddd');
    expect(g.raft(1).status().logBytes).toBe(ENTRY_OVERHEAD_BYTES + 4);
    expect(g.raft(1).firstEntryWithin(100)).toBe(5);
    expect(g.raft(1).firstEntryWithin(10)).toBe(6);
  });
});
