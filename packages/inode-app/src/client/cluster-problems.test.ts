import { describe, expect, it } from 'vitest';
import type { ClusterMember } from './cluster-member.js';
import { clusterProblems, memberNames } from './cluster-problems.js';

type Seen = Partial<ClusterMember> & Pick<ClusterMember, 'role'>;

function problems(leader: number | null, ...seen: readonly Seen[]): readonly string[] {
  const members = membersOf(leader, seen);
  return clusterProblems({ clusterId: 'c', leader, leaderSaidBy: [], members });
}

function membersOf(leader: number | null, seen: readonly Seen[]): readonly ClusterMember[] {
  return seen.map(
    (each, at): ClusterMember => ({
      id: at + 1,
      address: `m${at + 1}:1`,
      reachable: each.role !== 'unreachable',
      recovering: false,
      pid: null,
      clusterId: 'c',
      term: 1,
      leader,
      commit: null,
      applied: null,
      lastIndex: null,
      match: null,
      lag: null,
      replication: null,
      elections: null,
      firstIndex: null,
      logBytes: null,
      clockOffMs: null,
      sessions: null,
      pendingRequests: null,
      rssBytes: null,
      snapshots: null,
      heapUsedBytes: null,
      uptimeMs: null,
      directories: null,
      files: null,
      symbolicLinks: null,
      ...each,
    }),
  );
}

const FOLLOWER = { role: 'follower' } as const;
const LEADER = { role: 'leader' } as const;
const SILENT = { role: 'unreachable' } as const;
const RECOVERING = { role: 'follower', recovering: true } as const;

describe('clusterProblems', () => {
  it('says what to do about members that are silent, not reached or behind', () => {
    const learner = { ...FOLLOWER, learner: true };
    expect(problems(1, LEADER, { ...SILENT, heard: true }, { ...SILENT, heard: false })).toEqual([
      expect.stringMatching(
        /^the leader hears member 2, but nobody answers .* m2:1: .*set-address/,
      ),
      expect.stringMatching(/^member 3 is silent, .* m3:1: start it, or .*replace or remove$/),
    ]);
    expect(problems(1, LEADER, { ...learner, lag: 1_000 }, { ...FOLLOWER, lag: 5_000 })).toEqual(
      [],
    );
    expect(problems(1, LEADER, { ...learner, lag: 1_001 })).toEqual([
      expect.stringMatching(/^member 2 does not vote and lacks 1001 entries: .*promote 2/),
    ]);
  });

  it('says that the voters are being changed, and what to do if that lasts', () => {
    const change = { from: [1, 2, 3], to: [1, 2, 4] };
    const changing =
      /^the voters are being changed from members 1, 2 and 3 to members 1, 2 and 4: /;
    const all = [{ ...LEADER, change }, FOLLOWER, FOLLOWER, FOLLOWER];
    expect(problems(1, ...all)).toEqual([expect.stringMatching(changing)]);
    expect(problems(1, ...all)).toEqual([expect.stringMatching(/see what the leader logs$/)]);
    const lacking = problems(1, { ...LEADER, change }, FOLLOWER, SILENT, SILENT);
    expect(lacking).toEqual([expect.stringMatching(/if it lasts, start members 3 and 4$/)]);
    const withoutLeader = problems(null, { ...FOLLOWER, change }, FOLLOWER, FOLLOWER, SILENT);
    expect(withoutLeader).toContainEqual(expect.stringMatching(/if it lasts, start member 4$/));
  });

  it('says nothing of a change that is over at the leader, or that nobody who takes part knows of', () => {
    const change = { from: [1, 2, 3], to: [1, 2] };
    expect(problems(1, LEADER, { ...FOLLOWER, change })).toEqual([]);
    expect(problems(1, LEADER, FOLLOWER, { ...SILENT, change })).toEqual([]);
  });

  describe('without a leader', () => {
    const withVoters = (voters: readonly (readonly number[])[], ...seen: readonly Seen[]) => {
      const members = membersOf(null, seen);
      const status = { clusterId: 'c', leader: null, leaderSaidBy: [], members };
      return clusterProblems(status, { outside: [], twice: [] }, voters);
    };

    it('counts who votes, and neither who was removed nor who learns', () => {
      // Member 4 takes no part, or learns.
      expect(withVoters([[1, 2, 3]], SILENT, SILENT, FOLLOWER, FOLLOWER)).toEqual([
        expect.stringMatching(/^a leader needs 2 of 3 .* has 1: start members 1 and 2;/),
      ]);
      expect(withVoters([[1, 2, 3]], SILENT, FOLLOWER, FOLLOWER, FOLLOWER)).toEqual([
        expect.stringMatching(/^members 2 and 3 know no leader/),
      ]);
      expect(withVoters([[1, 2]], FOLLOWER, RECOVERING, FOLLOWER)).toEqual([
        expect.stringMatching(/^member 2 wait.* only member 1 can/),
      ]);
    });

    it('counts voters that nobody knows where to ask', () => {
      expect(withVoters([[1, 2, 9]], FOLLOWER, SILENT)).toEqual([
        expect.stringMatching(/^a leader needs 2 of 3 .* has 1: start members 2 and 9;/),
      ]);
    });

    it('needs a majority of the voters before and after a change of them', () => {
      const halves = [
        [1, 2, 4],
        [1, 2, 3],
      ];
      expect(withVoters(halves, FOLLOWER, SILENT, FOLLOWER, SILENT)).toEqual([
        expect.stringMatching(/^a leader needs 2 of 3 .* has 1: start members 2 and 4;/),
      ]);
      expect(withVoters(halves, FOLLOWER, SILENT, FOLLOWER, FOLLOWER)).toEqual([
        expect.stringMatching(/^members 1, 3 and 4 know no leader/),
      ]);
    });
  });

  it('says of who takes no part only that, and not that it does not hear the leader', () => {
    const members = membersOf(1, [LEADER, { ...FOLLOWER, leader: 0 }]);
    const strangers = { outside: members.slice(1), twice: [] };
    const status = { clusterId: 'c', leader: 1, leaderSaidBy: [], members };
    expect(clusterProblems(status, strangers)).toEqual([
      expect.stringMatching(
        /^member 2 runs at m2:1 and takes no part: .* if it was removed, stop it$/,
      ),
    ]);
  });

  it('has what the leader says of states that differ', () => {
    const difference = 'members hold different states';
    expect(problems(1, { ...LEADER, difference }, FOLLOWER)).toEqual([difference]);
  });

  it('has nothing to say of a cluster that serves, and of one of which nobody answers', () => {
    expect(problems(1, LEADER, FOLLOWER, SILENT)).toEqual([]);
    expect(problems(null, SILENT, SILENT)).toEqual([]);
  });

  it.each([
    [
      'member 3, which leads, does not answer here at m3:1',
      problems(3, FOLLOWER, FOLLOWER, SILENT),
    ],
    [
      'member 3, which leads, has no address here: ask with --addresses for all members',
      problems(3, FOLLOWER, FOLLOWER),
    ],
    [
      'member 3 does not hear member 1, which leads: if that lasts, look whether --members is the same',
      problems(1, LEADER, FOLLOWER, { role: 'pre-candidate', leader: 0 }),
    ],
    [
      'members 2 and 3 do not hear member 1, which leads',
      problems(1, LEADER, { ...FOLLOWER, leader: 0 }, { ...FOLLOWER, leader: 2 }),
    ],
    [
      'member 1 leads as others say, and says itself that it does not: it has just stepped down, or just won',
      problems(1, { ...FOLLOWER, leader: 0 }, FOLLOWER, SILENT),
    ],
    ['members 1 and 2 know no leader', problems(null, FOLLOWER, FOLLOWER, SILENT)],
    [
      'a leader needs 2 of 3 members that are up to date, and has 1: start members 2 and 3;',
      problems(null, FOLLOWER, SILENT, { role: 'stopped' }),
    ],
    ['and has 1: start member 3;', problems(null, FOLLOWER, RECOVERING, SILENT)],
    [
      'and nobody is left to do it. If they were all started with --rejoin',
      problems(null, RECOVERING, RECOVERING, RECOVERING),
    ],
    ['and has 0: start member 3;', problems(null, RECOVERING, RECOVERING, SILENT)],
    [
      'members 2 and 3 wait to be brought up to date, which takes more than half of the members: only member 1 can',
      problems(null, FOLLOWER, RECOVERING, RECOVERING),
    ],
    [
      'different clusters: "c" (m1:1, m3:1), "d" (m2:1). Ask for one at a time',
      problems(null, LEADER, { role: 'leader', clusterId: 'd' }, FOLLOWER),
    ],
  ])('says "%s"', (sentence, said) => {
    expect(said).toEqual([expect.stringContaining(sentence)]);
  });

  it('names clocks that are off', () => {
    const clocks = (...off: readonly (number | null)[]) =>
      problems(1, ...off.map((clockOffMs, at) => ({ ...(at ? FOLLOWER : LEADER), clockOffMs })));
    expect(clocks(0, 5000, 0)).toEqual([
      "the clock of member 2 is 5.0 s ahead of most members' clocks: set it right",
    ]);
    expect(clocks(-5000, 5000, null)).toEqual([
      "the clock of member 1 is 5.0 s behind another's, and no majority tells which is right: set it right",
      "the clock of member 2 is 5.0 s ahead of another's, and no majority tells which is right: set it right",
    ]);
  });
});

describe('memberNames', () => {
  it('reads as a person would say it', () => {
    expect([[1], [1, 2], [1, 2, null]].map(memberNames)).toEqual([
      'member 1',
      'members 1 and 2',
      'members 1, 2 and unknown',
    ]);
  });
});
