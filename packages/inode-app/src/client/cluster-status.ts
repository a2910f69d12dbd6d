import type { MemberStatus } from '@raft-ts/statemachine';
import type { Election, ProgressState, Role } from 'raft-ts';
import { connectFramework } from './connect.js';

/** One member as it sees itself; what it cannot say is null. */
export interface ClusterMember {
  readonly id: number | null;
  /** Where clients reach it. */
  readonly address: string;
  readonly reachable: boolean;
  readonly role: Role | 'starting' | 'stopped' | 'disk-full' | 'unreachable';
  /** It holds less than the others may count on, and is being brought up to date. */
  readonly recovering: boolean | null;
  readonly pid: number | null;
  readonly term: number | null;
  /** Who leads as this member knows; 0 for nobody. */
  readonly leader: number | null;
  readonly commit: number | null;
  readonly applied: number | null;
  readonly lastIndex: number | null;
  /** The leader's word: up to where this member's log is known to be the same. */
  readonly match: number | null;
  /** The leader's word: entries of its log that this member is not known to hold. */
  readonly lag: number | null;
  /** The leader's word: how it sends entries to this member. */
  readonly replication: ProgressState | null;
  /** This member's last campaigns, oldest first: when, why, and how they ended. */
  readonly elections: readonly Election[] | null;
  readonly firstIndex: number | null;
  readonly sessions: number | null;
  readonly pendingRequests: number | null;
  readonly rssBytes: number | null;
  readonly heapUsedBytes: number | null;
  readonly uptimeMs: number | null;
  readonly directories: number | null;
  readonly files: number | null;
  readonly symbolicLinks: number | null;
  /** Why it does not answer, or why it stopped. */
  readonly reason?: string;
}

export interface ClusterStatus {
  readonly clusterId: string | null;
  /** The member that leads in the highest term that any member knows of. */
  readonly leader: number | null;
  readonly members: readonly ClusterMember[];
}

/**
 * Asks every member that is named, and those that these know of. Members that do not answer are
 * listed as such: it never rejects because of them.
 */
export async function readClusterStatus(
  addresses: readonly string[],
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<ClusterStatus> {
  await using client = connectFramework({ addresses, timeoutMs });
  const ids = new Map<string, number>();
  const found = new Map<string, MemberStatus | string>();
  for (let ask = [...addresses]; ask.length > 0; ) {
    const answers = await Promise.all(
      ask.map((address) =>
        client.status(address, signal === undefined ? {} : { signal }).catch((error: unknown) => {
          signal?.throwIfAborted();
          return error instanceof Error ? error.message : String(error);
        }),
      ),
    );
    for (const [at, answer] of answers.entries()) found.set(ask[at] ?? '', answer);
    for (const answer of answers) {
      if (typeof answer === 'string') continue;
      for (const [id, address] of answer.clientAddresses) ids.set(address, id);
    }
    ask = [...ids.keys()].filter((address) => !found.has(address));
  }
  const asked = [...found].map(([address, answer]) =>
    memberOf(address, ids.get(address) ?? null, answer),
  );
  asked.sort((a, b) => (a.id ?? Number.MAX_VALUE) - (b.id ?? Number.MAX_VALUE));
  const leader = leaderOf(asked);
  const statuses = [...found.values()].filter((answer) => typeof answer !== 'string');
  return {
    clusterId: statuses.find(({ replica }) => replica !== undefined)?.replica?.clusterId ?? null,
    leader,
    members: withProgress(asked, leader, statuses),
  };
}

/** Adds what the leader says of each member. */
function withProgress(
  members: readonly ClusterMember[],
  leader: number | null,
  statuses: readonly MemberStatus[],
): readonly ClusterMember[] {
  const leading = statuses.find(({ replica }) => replica?.id === leader);
  const progress = leading?.replica?.progress ?? [];
  return members.map((member) => {
    const known = progress.find(({ id }) => id === member.id);
    if (known === undefined) return member;
    return { ...member, match: known.match, lag: known.lag, replication: known.state };
  });
}

function memberOf(
  address: string,
  id: number | null,
  answer: MemberStatus | string,
): ClusterMember {
  const status = typeof answer === 'string' ? undefined : answer;
  const replica = status?.replica;
  const extra = extraOf(status?.extra);
  const reason = typeof answer === 'string' ? answer : answer.stoppedBy;
  return {
    id: replica?.id ?? id,
    address,
    reachable: status !== undefined,
    role: roleOf(status),
    recovering: replica?.recovering ?? null,
    pid: status?.pid ?? null,
    term: replica?.term ?? null,
    leader: replica?.leader ?? null,
    commit: replica?.commit ?? null,
    applied: status?.appliedIndex ?? null,
    lastIndex: replica?.lastIndex ?? null,
    match: null,
    lag: null,
    replication: null,
    elections: replica?.elections ?? null,
    firstIndex: replica?.firstIndex ?? null,
    sessions: status?.sessions ?? null,
    pendingRequests: status?.pendingRequests ?? null,
    rssBytes: extra('rssBytes'),
    heapUsedBytes: extra('heapUsedBytes'),
    uptimeMs: extra('uptimeMs'),
    directories: extra('directories'),
    files: extra('files'),
    symbolicLinks: extra('symbolicLinks'),
    ...(reason === undefined || reason === null ? {} : { reason }),
  };
}

/** What a member says beyond what the framework knows: from another version it may say less. */
function extraOf(extra: unknown): (name: string) => number | null {
  const fields = typeof extra === 'object' && extra !== null ? extra : {};
  return (name) => {
    const value: unknown = Reflect.get(fields, name);
    return typeof value === 'number' ? value : null;
  };
}

function roleOf(status: MemberStatus | undefined): ClusterMember['role'] {
  if (status === undefined) return 'unreachable';
  if (status.diskFull === true) return 'disk-full';
  if (status.stopped) return 'stopped';
  return status.replica?.role ?? 'starting';
}

function leaderOf(members: readonly ClusterMember[]): number | null {
  const leaders = members.filter((member) => member.role === 'leader');
  const terms = members.map((member) => member.term ?? 0);
  const current = leaders.find((member) => member.term === Math.max(...terms));
  return current?.id ?? null;
}
