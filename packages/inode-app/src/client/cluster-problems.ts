import type { ClusterMember, ClusterStatus, SameMember } from './cluster-member.js';
import { clockText } from './compare-clocks.js';

const TAKING_NO_PART: ReadonlySet<ClusterMember['role']> = new Set([
  'starting',
  'stopped',
  'disk-full',
  'unreachable',
]);

/** Whether what this member says of the cluster is news. */
export function takesPart({ role }: ClusterMember): boolean {
  return !TAKING_NO_PART.has(role);
}

/** Processes that answer, and are not what they should be. */
export interface Strangers {
  /** Who runs and takes no part, as the leader knows. */
  readonly outside: readonly ClusterMember[];
  readonly twice: readonly SameMember[];
}

/** A learner that lacks more than is on its way at any time. */
const LAGGING_ENTRIES = 1_000;

/**
 * Why the cluster may not serve, whose state differs and whose clock is off, each with what to do: for people.
 * `voters`: of each of these lists a leader needs more than half; empty where nobody says who votes.
 */
export function clusterProblems(
  status: Omit<ClusterStatus, 'problems'>,
  strangers: Strangers = { outside: [], twice: [] },
  voters: readonly (readonly number[])[] = [],
): readonly string[] {
  const { leader, members } = status;
  const clusters = [...new Set(members.flatMap(({ clusterId }) => clusterId ?? []))];
  if (clusters.length > 1) return [differentClusters(clusters, members)];
  const lead =
    leader === null
      ? withoutLeader(members, voters)
      : [...leaderUnreached(status), ...leaderDenying(status), ...deaf(status, strangers.outside)];
  return [
    ...lead,
    ...changeUnderWay(status),
    ...membershipProblems(members, strangers),
    ...differences(members),
    ...clocksOff(members),
  ];
}

/** `member 1`, `members 1 and 2`, `members 1, 2 and 3`. */
export function memberNames(ids: readonly (number | null)[]): string {
  const names = ids.map((id) => id ?? 'unknown');
  const last = names.at(-1);
  return names.length < 2
    ? `member ${last}`
    : `members ${names.slice(0, -1).join(', ')} and ${last}`;
}

function differentClusters(clusters: readonly string[], members: readonly ClusterMember[]): string {
  const each = clusters.map((id) => {
    const addresses = members.filter(({ clusterId }) => clusterId === id);
    return `"${id}" (${addresses.map(({ address }) => address).join(', ')})`;
  });
  return `these addresses belong to different clusters: ${each.join(', ')}. Ask for one at a time`;
}

function leaderUnreached({ leader, members }: Omit<ClusterStatus, 'problems'>): readonly string[] {
  const own = members.find(({ id }) => id === leader);
  if (own !== undefined && takesPart(own)) return [];
  if (own === undefined) {
    return [
      `member ${leader}, which leads, has no address here: ask with --addresses for all members. ` +
        `Those asked do not know it, so look whether --members is the same on each member`,
    ];
  }
  return [
    `member ${leader}, which leads, does not answer here at ${own.address}: clients here need it`,
  ];
}

/** Members were asked one after the other; or it has lost most voters, and they have not noticed. */
function leaderDenying({ leader, members }: Omit<ClusterStatus, 'problems'>): readonly string[] {
  const own = members.find(({ id }) => id === leader);
  if (own === undefined || !takesPart(own) || own.role === 'leader') return [];
  return [
    `member ${leader} leads as others say, and says itself that it does not: it has just stepped ` +
      'down, or just won. If that lasts, look whether most voters run, and reach each other at ' +
      'their addresses for members',
  ];
}

/** Members that take part and do not hear the leader, though another one does. */
function deaf(
  { leader, members }: Omit<ClusterStatus, 'problems'>,
  outside: readonly ClusterMember[],
): readonly string[] {
  const alone = members.filter(
    (member) =>
      takesPart(member) &&
      member.id !== leader &&
      member.leader !== leader &&
      !outside.includes(member),
  );
  if (alone.length === 0) return [];
  return [
    `${named(alone)} ${alone.length === 1 ? 'does' : 'do'} not hear member ${leader}, which leads: ` +
      'if that lasts, look whether --members is the same on each member, and whether they reach ' +
      'each other at their addresses for members',
  ];
}

function withoutLeader(
  members: readonly ClusterMember[],
  voters: readonly (readonly number[])[],
): readonly string[] {
  const known = members.filter(({ id }) => id !== null);
  if (!known.some(takesPart)) return [];
  const halves = voters.length === 0 ? [known.flatMap(({ id }) => id ?? [])] : voters;
  const [lack] = halves.flatMap((half) => lackOf(half, known) ?? []);
  if (lack !== undefined) return [lack];
  const counting = known.filter((member) => counts(member) && isIn(halves.flat(), member));
  return [
    `${named(counting)} know no leader: they elect one, or do not reach each other at their ` +
      'addresses for members; what each logs says more',
  ];
}

/** Why these voters elect nobody; undefined where enough of them could. */
function lackOf(half: readonly number[], members: readonly ClusterMember[]): string | undefined {
  const voters = members.filter((member) => isIn(half, member));
  const counting = voters.filter(counts);
  const needed = Math.floor(half.length / 2) + 1;
  if (counting.length >= needed) return undefined;
  const taking = voters.filter(takesPart);
  const silent = half.filter((id) => !taking.some((member) => member.id === id));
  if (silent.length === 0) return counting.length === 0 ? NOBODY_LEFT : waiting(voters, counting);
  return (
    `a leader needs ${needed} of ${half.length} members that are up to date, and has ` +
    `${counting.length}: start ${memberNames(silent)}; if most are lost for good, see inode-app recover --help`
  );
}

function counts(member: ClusterMember): boolean {
  return takesPart(member) && member.recovering !== true;
}

function isIn(ids: readonly number[], { id }: ClusterMember): boolean {
  return id !== null && ids.includes(id);
}

const NOBODY_LEFT =
  'every member waits to be brought up to date (recovering), and nobody is left to do it. If they ' +
  'were all started with --rejoin, or all data is lost: stop them, empty their data directories ' +
  'and start them without --rejoin. If one still has the data: see inode-app recover --help';

function waiting(all: readonly ClusterMember[], counting: readonly ClusterMember[]): string {
  const recovering = all.filter((member) => member.recovering === true);
  return (
    `${named(recovering)} wait to be brought up to date, which takes more than half of the members: ` +
    `only ${named(counting)} can. If what they held is lost for good, see inode-app recover --help`
  );
}

/** As the leader knows it, or without one whoever takes part: a change that lasts lacks one of the two majorities. */
function changeUnderWay({ leader, members }: Omit<ClusterStatus, 'problems'>): readonly string[] {
  const knowing = members.filter((member) => takesPart(member) && member.change !== undefined);
  const leading = members.find(({ id }) => id === leader && leader !== null);
  const isOver = leading !== undefined && takesPart(leading) && leading.change === undefined;
  const { change } = (knowing.find(({ id }) => id === leader) ?? knowing[0]) || {};
  if (change === undefined || isOver) return [];
  const { from, to } = change;
  const taking = members.filter(takesPart).map(({ id }) => id);
  const silent = [...new Set([...from, ...to])]
    .filter((id) => !taking.includes(id))
    .sort((a, b) => a - b);
  const cure = silent.length === 0 ? 'see what the leader logs' : `start ${memberNames(silent)}`;
  return [
    `the voters are being changed from ${memberNames(from)} to ${memberNames(to)}: until that is over, a ` +
      'majority of both is needed, and no other change is taken in. It ends by itself; if it lasts, ' +
      cure,
  ];
}

/** What an operator has to do about who takes part. */
function membershipProblems(
  members: readonly ClusterMember[],
  { outside, twice }: Strangers,
): readonly string[] {
  return [
    ...members.flatMap((member) => memberProblem(member) ?? []),
    ...outside.map(
      ({ id, address }) =>
        `member ${id} runs at ${address} and takes no part: add it with inode-app members add; if it ` +
        'was removed, stop it',
    ),
    ...twice.map(
      ({ id, addresses }) =>
        `more than one process answers as member ${id}, at ${addresses.join(' and ')}: stop all but ` +
        'one at once, and start the other with an empty directory and an id that no member has',
    ),
  ];
}

function memberProblem(member: ClusterMember): string | undefined {
  const { id, address, learner, heard, lag } = member;
  if (member.role === 'unreachable' && heard === true) {
    return (
      `the leader hears member ${id}, but nobody answers for clients at ${address}: let clients come ` +
      'through, or say with inode-app members set-address where it is reached'
    );
  }
  if (member.role === 'unreachable' && heard === false) {
    return (
      `member ${id} is silent, and nobody answers at ${address}: start it, or take it out with ` +
      'inode-app members replace or remove'
    );
  }
  if (learner !== true || (lag ?? 0) <= LAGGING_ENTRIES) return undefined;
  return (
    `member ${id} does not vote and lacks ${lag} entries: inode-app members promote ${id} waits until ` +
    'it has caught up; if it gets no further, see what it logs'
  );
}

/** As the leader found out. */
function differences(members: readonly ClusterMember[]): readonly string[] {
  return members.flatMap(({ role, difference }) => (role === 'leader' ? (difference ?? []) : []));
}

function clocksOff(members: readonly ClusterMember[]): readonly string[] {
  const majority = members.some(({ clockOffMs }) => clockOffMs === 0);
  return members.flatMap(({ id, clockOffMs }) =>
    clockOffMs === null || clockOffMs === 0
      ? []
      : `the clock of member ${id} ${clockText(clockOffMs, majority)}: set it right`,
  );
}

function named(members: readonly ClusterMember[]): string {
  return memberNames(members.map(({ id }) => id));
}
