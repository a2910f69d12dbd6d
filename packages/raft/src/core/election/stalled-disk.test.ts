import { describe, expect, it } from 'vitest';
import { RaftGroup } from '../../testing/raft-group.js';
import type { RaftOptions } from '../options.js';

const raft: Partial<RaftOptions> = { electionTicks: 10, heartbeatTicks: 1, maxWriteTicks: 15 };

/** All disks work until a member is named as stalled. */
function group(): { readonly g: RaftGroup; stalled: number } {
  const g = new RaftGroup({ size: 3, raft, manualDisk: true });
  const disks = { g, stalled: 0 };
  g.campaign(1);
  turn(disks, 5);
  return disks;
}

function turn(
  { g, stalled }: { readonly g: RaftGroup; readonly stalled: number },
  times = 1,
): void {
  for (let i = 0; i < times; i++) {
    g.settle();
    for (const id of g.ids) if (id !== stalled) g.finishWrites(id);
    g.settle();
  }
}

describe('a leader whose disk stalls', () => {
  it('hands over the lead, though the others answer it', () => {
    const disks = group();
    const { g } = disks;
    expect(g.raft(1).role).toBe('leader');
    disks.stalled = 1;
    g.propose(1, 'a');
    for (let i = 0; i < 16; i++) {
      g.tick(1);
      turn(disks);
    }
    expect(g.raft(1).role).toBe('follower');
    turn(disks, 5);
    const leader = [2, 3].find((id) => g.raft(id).role === 'leader');
    expect(leader).toBeDefined();
    expect(g.appliedTexts(leader ?? 0)).toEqual(['a']);
  });

  it('does not campaign before its disk works again', () => {
    const disks = group();
    const { g } = disks;
    disks.stalled = 1;
    g.propose(1, 'a');
    g.network = [];
    for (let i = 0; i < 40; i++) g.tick(1);
    g.network = [];
    g.campaign(1);
    expect(g.raft(1).role).toBe('follower');
    g.finishWrites(1);
    g.campaign(1);
    expect(g.raft(1).role).toBe('pre-candidate');
  });
});
