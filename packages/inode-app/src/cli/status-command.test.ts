import { describe, expect, it } from 'vitest';
import type { ClusterMember } from '../client/cluster-member.js';
import { statusText } from './status-command.js';

const leader: ClusterMember = {
  id: 1,
  address: 'a:1',
  reachable: true,
  role: 'leader',
  recovering: false,
  pid: 7,
  clusterId: 'c',
  term: 3,
  leader: 1,
  commit: 12,
  applied: 12,
  lastIndex: 12,
  match: 12,
  lag: 0,
  replication: 'replicate',
  elections: [
    { term: 2, reason: 'timeout', outcome: 'refused', atTick: 30, leaderBefore: 2 },
    { term: 3, reason: 'timeout', outcome: 'won', atTick: 60, leaderBefore: 2 },
  ],
  firstIndex: 1,
  logBytes: 12_400_000,
  clockOffMs: 0,
  sessions: 2,
  pendingRequests: 0,
  rssBytes: 200_400_000,
  heapUsedBytes: 1,
  uptimeMs: 1,
  directories: 1000,
  files: 233,
  symbolicLinks: 1,
  snapshots: null,
};
const unreachable: ClusterMember = {
  id: null,
  address: 'b:1',
  reachable: false,
  role: 'unreachable',
  recovering: null,
  pid: null,
  clusterId: null,
  term: null,
  leader: null,
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
  heapUsedBytes: null,
  uptimeMs: null,
  directories: null,
  files: null,
  symbolicLinks: null,
  snapshots: null,
  reason: 'b:1: nobody\nanswers',
};

describe('statusText', () => {
  it('lists every member, reachable or not', () => {
    const problems = ['a clock is off'];
    const status = { clusterId: 'c', leader: 1, leaderSaidBy: [1], problems };
    expect(statusText({ ...status, members: [leader, unreachable] })).toEqual([
      'cluster c, member 1 leads, 1,234 entries',
      'member  role         address  pid  term  commit  applied  lag    log  sessions  memory',
      '     1  leader       a:1        7     3      12       12    0  12 MB         2  200 MB',
      '     -  unreachable  b:1        -     -       -        -    -      -         -       -',
      'member 1 won the election of term 3, after member 2: it had not heard from a leader',
      'a clock is off',
      'b:1: nobody\\nanswers',
    ]);
  });

  it('says how far snapshots are, and why one could not be made', () => {
    const fetching = { from: 2, index: 12, rows: 10, bytes: 1_000_000 } as const;
    const pulling = { phase: 'pulling', totalRows: 20, totalBytes: 2_000_000 } as const;
    const waiting = { phase: 'making', totalRows: undefined, totalBytes: undefined } as const;
    const idle = {
      address: 'a:3',
      kept: [],
      readers: 0,
      making: undefined,
      makingFailure: undefined,
      fetching: undefined,
    };
    const linesOf = (snapshots: ClusterMember['snapshots']) => {
      const status = { clusterId: 'c', leader: 1, leaderSaidBy: [1], problems: [] };
      const members = [{ ...leader, elections: [], snapshots }];
      return statusText({ ...status, members }).slice(3);
    };
    expect(linesOf(idle)).toEqual([]);
    expect(linesOf({ ...idle, fetching: { ...fetching, ...pulling } })).toEqual([
      'member 1 fetches the state as of entry 12 from member 2: 10 of 20 rows, 1 MB of 2 MB',
    ]);
    expect(linesOf({ ...idle, fetching: { ...fetching, ...waiting } })).toEqual([
      'member 1 waits for member 2 to make a snapshot as of entry 12: 10 rows, 1 MB',
    ]);
    const making = { index: 12, rows: 5, bytes: 500_000 };
    expect(linesOf({ ...idle, making, makingFailure: 'no room' })).toEqual([
      'member 1 makes a snapshot as of entry 12: 5 rows, 1 MB',
      'member 1 could not make a snapshot: no room',
    ]);
  });

  it('says when nobody leads', () => {
    const nobody = { clusterId: null, leader: null, leaderSaidBy: [], problems: [] };
    expect(statusText({ ...nobody, members: [unreachable] })[0]).toBe('cluster unknown, no leader');
  });

  it('says on whose word a member leads that does not answer', () => {
    const status = { clusterId: 'c', leader: 3, leaderSaidBy: [1, 2], problems: [] };
    expect(statusText({ ...status, members: [unreachable] })[0]).toBe(
      'cluster c, member 3 leads, as members 1 and 2 said',
    );
  });
});
