import { describe, expect, it } from 'vitest';
import { RaftGroup } from '../../testing/raft-group.js';
import { type ForcedRecoveryOrder, forcedRecoveryWrite } from './forced-recovery.js';

const order: ForcedRecoveryOrder = {
  survivor: 1,
  lostVoters: [2, 3],
  reason: 'fire in both other rooms; ordered by the operator on duty',
  atMs: 1_800_000_000_000,
};

function group(): RaftGroup {
  const g = new RaftGroup({ size: 3, voters: [1, 2, 3] });
  g.elect(1);
  g.propose(1, 'a');
  g.settle();
  return g;
}

function force(g: RaftGroup, given: Partial<ForcedRecoveryOrder> = {}): void {
  const { disk } = g.member(1);
  disk.write(forcedRecoveryWrite(disk.state(), { ...order, ...given }));
}

describe('forced recovery', () => {
  it('lets the survivor go on alone, with all that its log holds, and is kept for ever', () => {
    const g = group();
    g.propose(1, 'never acknowledged');
    g.network = [];
    for (const id of g.ids) g.crash(id);
    force(g);
    g.restart(1);
    g.tick(1, 100);
    expect(g.raft(1).role).toBe('leader');
    expect(g.propose(1, 'b')).toBeGreaterThan(0);
    expect(g.appliedTexts(1)).toEqual(['a', 'never acknowledged', 'b']);
    g.raft(1).compact(g.raft(1).appliedIndex);
    g.run(1);
    g.crash(1);
    g.restart(1);
    expect(g.raft(1).status().membership).toMatchObject({
      configuration: { voters: [1] },
      forcedRecoveries: [{ lostVoters: [2, 3], reason: order.reason, atMs: order.atMs }],
    });
  });

  it('is refused unless it names exactly the voters that are given up, and why', () => {
    const g = group();
    for (const id of g.ids) g.crash(id);
    expect(() => force(g, { lostVoters: [2] })).toThrow(/each of them: 2, 3/);
    expect(() => force(g, { lostVoters: [1, 2, 3] })).toThrow(/each of them: 2, 3/);
    expect(() => force(g, { reason: ' ' })).toThrow(/reason/);
    expect(() => force(g, { survivor: 7, lostVoters: [1, 2, 3] })).toThrow(
      /7 is no voter of 1, 2, 3: go on from the log of a voter, or from a backup$/,
    );
  });

  it('knows of voters that are not committed yet', () => {
    const g = new RaftGroup({ size: 4, voters: [1, 2], learners: [3, 4] });
    g.elect(1);
    g.settle();
    g.change(1, { type: 'add-voter', id: 3 });
    g.network = [];
    for (const id of g.ids) g.crash(id);
    expect(() => force(g, { lostVoters: [2] })).toThrow(/each of them: 2, 3/);
  });

  it('is refused on a log that has lost something itself', () => {
    const g = group();
    g.crash(1);
    const { disk } = g.member(1);
    disk.hardState = { ...disk.hardState, recovery: 7 };
    expect(() => force(g)).toThrow(/no ground/);
  });

  it('is refused to who is alone already', () => {
    const g = new RaftGroup({ size: 1, voters: [1] });
    expect(() => force(g, { lostVoters: [] })).toThrow(/only voter already/);
  });
});
