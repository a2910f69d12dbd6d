import type { MemberReplicaStatus, MemberStatus, ReplicatedClient } from '@raft-ts/statemachine';
import { signalOf } from './check-arguments.js';
import type { ClusterMember, ClusterStatus, SameMember } from './cluster-member.js';
import { extentOf } from './cluster-members.js';
import { clusterProblems, takesPart } from './cluster-problems.js';
import { type ClockReading, compareClocks, readClock } from './compare-clocks.js';
import { connectFramework } from './connect.js';

/** What one address answered, or why it did not. */
interface Answer {
  readonly address: string;
  readonly status: MemberStatus | string;
  readonly clock: ClockReading | undefined;
}

/**
 * Asks every member that is named, and those that these know of. Members that do not answer are
 * listed as such: it never rejects because of them. Rejects with ARGUMENT_INVALID.
 */
export async function readClusterStatus(
  addresses: readonly string[],
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<ClusterStatus> {
  await using client = connectFramework({ addresses, timeoutMs });
  signalOf(signal === undefined ? {} : { signal });
  const ids = new Map<string, number>();
  const found = new Map<string, Answer>();
  for (let ask = [...addresses]; ask.length > 0; ) {
    const answers = await Promise.all(ask.map((address) => askMember(client, address, signal)));
    for (const answer of answers) {
      found.set(answer.address, answer);
      if (typeof answer.status === 'string') continue;
      for (const [id, address] of answer.status.clientAddresses) ids.set(address, id);
    }
    ask = [...ids.keys()].filter((address) => !found.has(address));
  }
  const answers = [...found.values()];
  return clusterStatusOf(onceEach(answers, ids), ids, sameMembers(answers));
}

/** Members as which more than one process answers. */
function sameMembers(answers: readonly Answer[]): readonly SameMember[] {
  const processes = new Map<string, Map<number, string>>();
  const ids = new Map<string, number>();
  for (const { address, status } of answers) {
    if (typeof status === 'string' || status.replica === undefined) continue;
    const { clusterId, id } = status.replica;
    const name = `${clusterId} ${id}`;
    ids.set(name, id);
    processes.set(name, (processes.get(name) ?? new Map()).set(status.pid, address));
  }
  return [...processes].flatMap(([name, byPid]) =>
    byPid.size < 2 ? [] : { id: ids.get(name) ?? 0, addresses: [...byPid.values()] },
  );
}

async function askMember(
  client: ReplicatedClient,
  address: string,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  let status: MemberStatus | undefined;
  const wallMs = async () => {
    status = await client.status(address, signal === undefined ? {} : { signal });
    return status.wallMs;
  };
  try {
    const clock = await readClock(0, wallMs, () => performance.now());
    return { address, status: status ?? '', clock };
  } catch (error) {
    signal?.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    return { address, status: reason, clock: undefined };
  }
}

/**
 * A member may be reached at several addresses: it is listed once, at the one that members know if
 * it answers there.
 */
function onceEach(answers: readonly Answer[], ids: ReadonlyMap<string, number>): readonly Answer[] {
  const known = [...answers].sort(
    (a, b) => Number(ids.has(b.address)) - Number(ids.has(a.address)),
  );
  const seen = new Set<string>();
  const answering = known.filter(({ status }) => {
    if (typeof status === 'string') return false;
    const { replica, pid } = status;
    const name = `${replica?.clusterId} ${replica?.id ?? `process ${pid}`}`;
    const isFirst = !seen.has(name);
    seen.add(name);
    return isFirst;
  });
  const heard = answering.map(({ status }) =>
    typeof status === 'string' ? undefined : status.replica?.id,
  );
  const silent = known.filter(
    ({ address, status }) => typeof status === 'string' && !heard.includes(ids.get(address) ?? 0),
  );
  return [...answering, ...silent];
}

function clusterStatusOf(
  answers: readonly Answer[],
  ids: ReadonlyMap<string, number>,
  twice: readonly SameMember[],
): ClusterStatus {
  const members = answers.map(({ address, status }) =>
    memberOf(address, ids.get(address) ?? null, status),
  );
  members.sort((a, b) => (a.id ?? Number.MAX_VALUE) - (b.id ?? Number.MAX_VALUE));
  const clusters = new Set(members.flatMap(({ clusterId }) => clusterId ?? []));
  const [clusterId = null] = clusters.size === 1 ? clusters : [];
  const { leader, saidBy } = clusterId === null ? NO_LEADER : leaderOf(members);
  const statuses = answers.flatMap(({ status }) => (typeof status === 'string' ? [] : status));
  const progressed = withProgress(members, leader, statuses);
  const clocks = clusterId === null ? [] : clockReadings(answers);
  const status = {
    clusterId,
    leader,
    leaderSaidBy: saidBy,
    members: withClocks(progressed, clocks),
  };
  const followers = leadingStatus(statuses, leader)?.progress.map(({ id }) => id) ?? [];
  const isOutside = ({ id }: ClusterMember) =>
    followers.length > 0 && id !== null && id !== leader && !followers.includes(id);
  const outside = status.members.filter((member) => takesPart(member) && isOutside(member));
  const voters = leader === null ? votersIn(statuses) : [];
  return { ...status, problems: clusterProblems(status, { outside, twice }, voters) };
}

/**
 * Who votes, by the word of who has the most that is committed: a member that was removed, and still runs, does
 * not know it. Two lists while the voters are being changed; none where nobody says it.
 */
function votersIn(statuses: readonly MemberStatus[]): readonly (readonly number[])[] {
  const telling = statuses.flatMap(({ replica }) => {
    const configuration = replica?.membership?.configuration;
    return replica === undefined || configuration === undefined ? [] : { replica, configuration };
  });
  telling.sort(
    ({ replica: a }, { replica: b }) => b.commit - a.commit || b.lastIndex - a.lastIndex,
  );
  const { voters = [], outgoing = [] } = telling[0]?.configuration ?? {};
  return [voters, outgoing].filter((half) => half.length > 0);
}

function clockReadings(answers: readonly Answer[]): readonly ClockReading[] {
  return answers.flatMap(({ status, clock }) => {
    const id = typeof status === 'string' ? undefined : status.replica?.id;
    return clock === undefined || id === undefined ? [] : { ...clock, id };
  });
}

/** Adds by how much clocks are off, of the members that showed theirs. */
function withClocks(
  members: readonly ClusterMember[],
  clocks: readonly ClockReading[],
): readonly ClusterMember[] {
  const { off } = compareClocks(clocks);
  return members.map((member) => {
    if (!clocks.some(({ id }) => id === member.id)) return member;
    return { ...member, clockOffMs: off.get(member.id ?? 0) ?? 0 };
  });
}

/** What the leader says of itself, where it was asked. */
function leadingStatus(statuses: readonly MemberStatus[], leader: number | null) {
  const leading = statuses.find(({ replica }) => replica?.id === leader);
  return leading?.replica?.role === 'leader' ? leading.replica : undefined;
}

/** Adds what the leader says of each member. */
function withProgress(
  members: readonly ClusterMember[],
  leader: number | null,
  statuses: readonly MemberStatus[],
): readonly ClusterMember[] {
  const progress = leadingStatus(statuses, leader)?.progress ?? [];
  return members.map((member) => {
    const known = progress.find(({ id }) => id === member.id);
    if (known === undefined) return member;
    const { state, learner, active } = known;
    return { ...member, ...extentOf(known), replication: state, learner, heard: active };
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
  const reason =
    typeof answer === 'string' ? answer : (answer.stoppedBy ?? replica?.snapshotFailure?.message);
  return {
    id: replica?.id ?? id,
    address,
    reachable: status !== undefined,
    role: roleOf(status),
    recovering: replica?.recovering ?? null,
    pid: status?.pid ?? null,
    clusterId: replica?.clusterId ?? null,
    term: replica?.term ?? null,
    leader: replica?.leader ?? null,
    commit: replica?.commit ?? null,
    applied: status?.appliedIndex ?? null,
    lastIndex: replica?.lastIndex ?? null,
    match: null,
    lag: null,
    learner: null,
    heard: null,
    replication: null,
    ...changeOf(replica),
    elections: replica?.elections ?? null,
    firstIndex: replica?.firstIndex ?? null,
    logBytes: replica?.logBytes ?? null,
    clockOffMs: null,
    sessions: status?.sessions ?? null,
    pendingRequests: status?.pendingRequests ?? null,
    rssBytes: extra('rssBytes'),
    heapUsedBytes: extra('heapUsedBytes'),
    uptimeMs: extra('uptimeMs'),
    directories: extra('directories'),
    files: extra('files'),
    symbolicLinks: extra('symbolicLinks'),
    ...(status?.difference === undefined ? {} : { difference: status.difference }),
    snapshots: status?.snapshots ?? null,
    ...(reason === undefined || reason === null ? {} : { reason }),
  };
}

function changeOf(replica: MemberReplicaStatus | undefined): Pick<ClusterMember, 'change'> {
  const { voters = [], outgoing = [] } = replica?.membership?.configuration ?? {};
  return outgoing.length === 0 ? {} : { change: { from: outgoing, to: voters } };
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

const NO_LEADER = { leader: null, saidBy: [] };

/** By its own word, or by what others of that term say: it may not be reached from here. */
function leaderOf(members: readonly ClusterMember[]) {
  const taking = members.filter(takesPart);
  const term = Math.max(...taking.map((member) => member.term ?? 0));
  const naming = taking.filter((member) => member.term === term && (member.leader ?? 0) !== 0);
  const [first] = naming.filter(({ role }) => role === 'leader').concat(naming);
  if (first === undefined) return NO_LEADER;
  const { leader } = first;
  const saidBy = naming.filter((member) => member.leader === leader).map(({ id }) => id ?? 0);
  return { leader, saidBy };
}
