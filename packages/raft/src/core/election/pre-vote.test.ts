import { describe, expect, it } from 'vitest';
import { RaftGroup, type RaftGroupOptions } from '../../testing/raft-group.js';
import type { RaftOptions } from '../options.js';

const raft: Partial<RaftOptions> = { electionTicks: 10, heartbeatTicks: 1 };

/** Timeouts differ from member to member and from time to time. */
function group(options: Partial<RaftGroupOptions> = {}): RaftGroup {
  let draws = 0;
  const random = () => ((++draws * 7) % 11) / 11;
  return new RaftGroup({ size: 3, raft, random, ...options });
}

/** The members of `ids` that lead after an undisturbed while. */
function leadersAfter(g: RaftGroup, ids: readonly number[], ticks: number): readonly number[] {
  for (let i = 0; i < ticks; i++) {
    for (const id of ids) g.tick(id);
    g.settle();
  }
  return ids.filter((id) => g.raft(id).role === 'leader');
}

/** Member 3 has the longer log, member 2 the higher term, and member 1 is gone. */
function longerLogAgainstHigherTerm(g: RaftGroup, termsAhead: number): void {
  g.propose(1, 'a');
  g.settle((m) => m.to !== 3);
  g.crash(1);
  const { disk } = g.member(2);
  g.crash(2);
  const { term } = g.raft(3);
  disk.hardState = { ...disk.hardState, term: term + termsAhead, votedFor: 2 };
  g.restart(2);
  expect(g.raft(3).status().lastIndex).toBeGreaterThan(g.raft(2).status().lastIndex);
}

describe('pre-vote', () => {
  it('ends with a leader where a longer log stands against a higher term', () => {
    for (const termsAhead of [1, 2, 5]) {
      const g = group();
      g.elect(1);
      longerLogAgainstHigherTerm(g, termsAhead);
      expect(leadersAfter(g, [2, 3], 100), `${termsAhead} terms ahead`).toEqual([3]);
      expect(g.raft(2).status().commit).toBe(g.raft(3).status().commit);
    }
  });

  it('does so in the middle of a change of the membership too', () => {
    for (const termsAhead of [1, 2, 5]) {
      const g = group({ size: 4, voters: [1, 2, 3], learners: [4] });
      g.elect(1);
      g.settle();
      const changes = [
        { type: 'add-voter', id: 4 },
        { type: 'remove', id: 1 },
      ] as const;
      g.raft(1).changeMembership({ changes, transition: 'explicit' });
      g.settle();
      longerLogAgainstHigherTerm(g, termsAhead);
      expect(g.raft(2).status().membership.configuration.outgoing).toEqual([1, 2, 3]);
      expect(leadersAfter(g, [2, 3, 4], 100), `${termsAhead} terms ahead`).toEqual([3]);
    }
  });

  it('lets the leader know of the higher term of a member that did without before', () => {
    const g = group({ raft: { ...raft, checkQuorum: false } });
    g.elect(1);
    g.crash(3);
    g.propose(1, 'a');
    g.settle();
    // It had entered one term after the other, and lacks what the others commit: it can't win.
    const { disk } = g.member(3);
    disk.hardState = { ...disk.hardState, term: 5, votedFor: 3 };
    g.restart(3);
    g.tick(1);
    g.settle();
    expect(g.raft(1).term).toBe(5);
    expect(leadersAfter(g, g.ids, 100)).toHaveLength(1);
    expect(g.appliedTexts(3)).toEqual(['a']);
  });

  it('works beside members that do without, whoever of them is gone', () => {
    for (const gone of [1, 2, 3]) {
      const g = group({ raftOf: { 2: { preVote: false } } });
      g.elect(1);
      g.propose(1, 'a');
      g.settle();
      g.crash(gone);
      const left = g.ids.filter((id) => id !== gone);
      expect(leadersAfter(g, left, 100), `without member ${gone}`).toHaveLength(1);
    }
  });
});
