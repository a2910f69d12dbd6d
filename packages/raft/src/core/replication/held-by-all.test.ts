import { describe, expect, it } from 'vitest';
import { RaftGroup } from '../../testing/raft-group.js';
import { group, raft } from '../elected-group.test.support.js';
import { ENTRY_OVERHEAD_BYTES } from '../log/entry.js';
import type { Message } from '../message.js';

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

  it('is not known while a change is under way: a follower may have applied it before the leader', () => {
    const g = new RaftGroup({ size: 3, raft, manualDisk: true });
    const settle = (ids: readonly number[]) => {
      for (let round = 0; round < 4; round++) {
        for (const id of ids) g.finishWrites(id);
        g.settle();
      }
    };
    g.campaign(1);
    settle([1, 2, 3]);
    g.propose(1, 'a');
    settle([1, 2, 3]);
    g.tick(1);
    settle([1, 2, 3]);
    expect(heldByAll(g)).toEqual([2, 2, 2]);
    g.change(1, { type: 'add-learner', id: 4 });
    g.settle();
    // The leader's disk takes its time, and the others commit without it.
    settle([2, 3]);
    g.tick(1, 2);
    settle([2, 3]);
    expect(g.raft(1).membership.configuration.learners).toEqual([]);
    expect(g.raft(2).membership.configuration.learners).toEqual([4]);
    expect(heldByAll(g)).toEqual([0, 0, 0]);
  });
});

describe('heldByAll, where all members can fetch states', () => {
  /** All have http endpoints, and hold the same. */
  function withHttp(): RaftGroup {
    const g = group();
    for (const id of [1, 2, 3]) {
      g.change(1, { type: 'update', id, endpoints: { member: `m${id}:1`, http: `m${id}:3` } });
      g.settle();
    }
    pass(g, 2);
    return g;
  }

  function lastOf(g: RaftGroup): number {
    return g.raft(1).status().lastIndex;
  }

  it('leaves out who is silent, and waits again for one that is back', () => {
    const g = withHttp();
    const before = lastOf(g);
    expect(heldByAll(g)).toEqual([before, before, before]);
    g.crash(3);
    g.propose(1, 'a');
    g.settle();
    pass(g, 2);
    expect(heldByAll(g, [1, 2])).toEqual([before, before]);
    pass(g, 25);
    expect(heldByAll(g, [1, 2])).toEqual([before + 1, before + 1]);
    // It is there, and its disk hangs.
    g.restart(3);
    g.propose(1, 'b');
    const written = (message: Message) => message.from === 3 && message.type === 'append-response';
    for (let tick = 0; tick < 25; tick++) {
      g.settle(written);
      g.tick(1);
    }
    g.settle(written);
    expect(heldByAll(g, [1, 2])).toEqual([before, before]);
  });

  it('takes nobody for silent before it had the time to be heard by a leader that was just elected', () => {
    const g = withHttp();
    const before = lastOf(g);
    g.propose(1, 'a');
    g.settle((message) => message.type === 'append' && message.to === 3);
    const answers = (message: Message) =>
      message.from === 3 && message.type !== 'vote-response' && message.to === 2;
    for (const id of [2, 3]) g.tick(id, 10);
    g.network = [];
    g.campaign(2);
    g.settle(answers);
    expect(g.raft(2).role).toBe('leader');
    // Nobody knows yet that 3 lacks an entry.
    expect(Math.max(...heldByAll(g))).toBeLessThanOrEqual(before);
    for (let tick = 0; tick < 2; tick++) {
      g.tick(2);
      g.settle(answers);
      expect(Math.max(...heldByAll(g))).toBeLessThanOrEqual(before);
    }
    for (let tick = 0; tick < 25; tick++) {
      g.tick(2);
      g.settle(answers);
    }
    expect(g.raft(2).status().heldByAll).toBe(lastOf(g));
  });

  it('waits for who fetches a state, from that state on', () => {
    const g = withHttp();
    g.crash(3);
    for (const text of ['a', 'b']) g.propose(1, text);
    g.settle();
    pass(g, 25);
    const offered = lastOf(g);
    g.raft(1).compact(offered);
    g.run(1);
    g.restart(3);
    // As if it took its time to fetch.
    const underWay = (message: Message) => message.type === 'snapshot-offer';
    for (const text of ['c', 'd']) {
      g.propose(1, text);
      for (let tick = 0; tick < 12; tick++) {
        g.settle(underWay);
        g.tick(1);
      }
      g.settle(underWay);
    }
    expect(g.raft(1).status().progress[2]).toMatchObject({ pendingSnapshot: offered });
    expect(heldByAll(g)).toEqual([offered, offered, offered]);
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
