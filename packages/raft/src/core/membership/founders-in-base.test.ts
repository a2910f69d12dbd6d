import { describe, expect, it } from 'vitest';
import { MemoryLogDisk } from '../../log/memory-log-store.js';
import { RaftGroup } from '../../testing/raft-group.js';
import { raft } from '../elected-group.test.support.js';
import { EMPTY_BASE } from '../log/log-state.js';
import { EMPTY_CONFIGURATION } from './configuration.js';
import { EMPTY_MEMBERSHIP } from './membership.js';

/** Members 1 to 3 know each other before the first entry; member 4 knows nothing. */
function group(): RaftGroup {
  const g = new RaftGroup({ size: 4, raft });
  const configuration = { ...EMPTY_CONFIGURATION, voters: [1, 2, 3] };
  for (const id of g.ids) {
    g.crash(id);
    const disk = new MemoryLogDisk();
    if (id < 4) disk.base = { ...EMPTY_BASE, membership: { ...EMPTY_MEMBERSHIP, configuration } };
    g.member(id).disk = disk;
    g.restart(id);
  }
  g.elect(1);
  g.settle();
  return g;
}

function heartbeats(g: RaftGroup, times: number): void {
  for (let i = 0; i < times; i++) {
    g.tick(1);
    g.settle();
  }
}

describe('founders that stand in front of the first entry', () => {
  it('are learned by who joins, from a state: no entry tells', () => {
    const g = group();
    g.propose(1, 'a');
    g.settle();
    g.change(1, { type: 'add-learner', id: 4 });
    g.settle();
    heartbeats(g, 5);
    expect(g.appliedTexts(4)).toEqual(['a']);
    expect(g.change(1, { type: 'add-voter', id: 4 })).toMatchObject({ accepted: true });
    g.settle();
    heartbeats(g, 3);
    for (const id of g.ids) {
      expect(g.raft(id).status().membership.configuration.voters).toEqual([1, 2, 3, 4]);
    }
    g.crash(1);
    for (const id of g.ids) if (id > 1) g.tick(id, 20);
    g.network = [];
    g.campaign(4);
    g.settle();
    expect(g.raft(4).role).toBe('leader');
  });

  it('are learned likewise by one of them whose disk was emptied', () => {
    const g = group();
    g.propose(1, 'a');
    g.settle();
    g.crash(3);
    g.wipe(3);
    heartbeats(g, 10);
    expect(g.appliedTexts(3)).toEqual(['a']);
    expect(g.raft(3).status()).toMatchObject({ recovering: false, voter: true });
    g.change(1, { type: 'remove', id: 2 });
    g.settle();
    heartbeats(g, 3);
    expect(g.raft(3).status().membership.configuration.voters).toEqual([1, 3]);
  });

  it('are asked for again while there is no state to be had', () => {
    const g = group();
    g.snapshots = false;
    g.change(1, { type: 'add-learner', id: 4 });
    g.settle();
    heartbeats(g, 30);
    expect(g.raft(4).status().lastIndex).toBe(0);
    g.snapshots = true;
    heartbeats(g, 15);
    expect(g.raft(4).status().membership.configuration.learners).toEqual([4]);
  });
});
