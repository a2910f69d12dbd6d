import { describe, expect, it } from 'vitest';
import { RaftGroup } from '../../testing/raft-group.js';
import type { Effect } from '../effects.js';
import { EMPTY_HARD_STATE, type Entry, EntryType } from '../log/entry.js';
import { EMPTY_BASE, type LogState } from '../log/log-state.js';
import { EMPTY_CONFIGURATION } from '../membership/configuration.js';
import { EMPTY_MEMBERSHIP } from '../membership/membership.js';
import type { RaftOptions } from '../options.js';
import { Raft } from '../raft.js';

const raft: Partial<RaftOptions> = { electionTicks: 10, heartbeatTicks: 1 };
const configuration = { ...EMPTY_CONFIGURATION, voters: [1, 2, 3] };
const membership = { ...EMPTY_MEMBERSHIP, configuration };
const log: LogState = {
  hardState: EMPTY_HARD_STATE,
  base: { ...EMPTY_BASE, membership },
  lastIndex: 0,
  termRuns: [],
  sizes: [],
  membershipEntries: [],
};

/** Member 2; `take` finishes all writes at once, and nothing else. */
function follower(): { member: Raft; take: () => Effect[] } {
  const member = new Raft({ id: 2, log, applied: 0, options: raft, random: () => 0 });
  const take = () => {
    const effects = member.takeEffects();
    for (const effect of effects) if (effect.type === 'write') member.written(effect.sequence);
    return effects;
  };
  return { member, take };
}

const fromLeader = { from: 1, to: 2, term: 1 } as const;
const append = { ...fromLeader, type: 'append', heard: true, prevIndex: 0, prevTerm: 0 } as const;
const entry: Entry = { index: 1, term: 1, type: EntryType.Command, data: Buffer.from('a') };

describe('installing a snapshot', () => {
  it('waits for what is being applied, and holds back what comes next', () => {
    const { member, take } = follower();
    member.step({ ...append, commit: 1, entries: [entry] });
    take();
    expect(take()).toMatchObject([{ type: 'apply' }]);
    member.step({
      ...fromLeader,
      type: 'snapshot-offer',
      heard: true,
      peers: [],
      index: 9,
      indexTerm: 1,
    });
    expect(take()).toMatchObject([{ type: 'fetch-snapshot', from: 1, index: 9 }]);
    expect(member.snapshotFetched({ index: 9, term: 1, membership })).toBe(true);
    expect(take().map(({ type }) => type)).not.toContain('install-snapshot');
    expect(take()).toEqual([]);
    member.applied(1);
    expect(take()).toMatchObject([{ type: 'install-snapshot', base: { index: 9 } }]);
    const next = { ...entry, index: 10 };
    const behind = { ...append, prevIndex: 9, prevTerm: 1, commit: 10, entries: [next] };
    member.step(behind);
    expect(take()).toEqual([]);
    member.snapshotInstalled(9);
    expect(JSON.stringify(take())).toContain('"append-response"');
    member.step(behind);
    take();
    expect(take()).toMatchObject([{ type: 'apply', entries: [next] }]);
  });

  it('leaves nothing of a tail that reaches further, and is of another term', () => {
    const g = new RaftGroup({ size: 3, raft });
    g.elect(3);
    g.settle();
    // On member 3 alone, at the indexes of what the others commit, and beyond.
    for (const text of ['x', 'y', 'z', 'u', 'v', 'w']) g.propose(3, text);
    g.network = [];
    g.crash(3);
    g.elect(1);
    for (const text of ['a', 'b', 'c']) g.propose(1, text);
    g.settle();
    for (const id of [1, 2]) {
      g.tick(1);
      g.settle();
      g.raft(id).compact(g.raft(id).appliedIndex);
      g.run(id);
    }
    expect(g.raft(1).status().firstIndex).toBeLessThan(g.member(3).disk.lastIndex);
    g.restart(3);
    for (let i = 0; i < 5; i++) {
      g.tick(1);
      g.settle();
    }
    expect(g.appliedTexts(3)).toEqual(['a', 'b', 'c']);
    expect(g.member(3).disk.entries).toEqual([]);
    g.propose(1, 'd');
    g.settle();
    expect(g.appliedTexts(3)).toEqual(['a', 'b', 'c', 'd']);
  });
});
