import type {
  Configuration,
  Endpoints,
  MemberChange,
  MemberId,
  Membership,
  MembershipChange,
  Replica,
  Transition,
} from 'raft-ts';
import { allMembers, isJoint } from 'raft-ts/core';
import { ask, GivenUp } from './ask.js';
import { type FaultKind, type FaultWorld, faultKind, type Undo } from './fault.js';

/** More voters than this make a cluster slow and no safer. */
const MAX_VOTERS = 7;

/** A leader that can be asked to change the membership, and the configuration it has in force. */
interface Situation {
  readonly leader: MemberId;
  readonly configuration: Configuration;
}

/** None while somebody lacks what it promised: the majority that is left must stay one. */
export function situation({ cluster }: FaultWorld): Situation | undefined {
  const leader = cluster.leader();
  const membership = leader === undefined ? undefined : cluster.status(leader)?.membership;
  if (leader === undefined || membership === undefined) return undefined;
  if (cluster.losses.any) return undefined;
  return { leader, configuration: membership.configuration };
}

/** One of `items`, by a number in [0, 1) that was drawn beforehand. */
export function at<T>(items: readonly T[], place: number): T | undefined {
  return items[Math.floor(place * items.length)];
}

/** Machines that are to join: empty ones, or some that have been members before. */
export function bringIn(world: FaultWorld, places: readonly number[], empty: boolean): MemberId[] {
  const { cluster } = world;
  const configuration = cluster.losses.settledConfiguration();
  if (configuration === undefined) return [];
  let outside = cluster.ids.filter((id) => !allMembers(configuration).includes(id));
  const joining: MemberId[] = [];
  for (const place of places) {
    const id = at(outside, place);
    if (id === undefined) break;
    outside = outside.filter((other) => other !== id);
    joining.push(id);
    if (empty || !cluster.hasBeenInUse(id)) cluster.startEmpty(id);
    else cluster.use(id);
  }
  return joining;
}

/** Whoever is no member any more is taken out of use after a while. */
export function retireLater(world: FaultWorld, ids: readonly MemberId[], afterMs: number): void {
  const { cluster, time } = world;
  time.after(afterMs, () => {
    for (const id of ids) cluster.retire(id);
  });
}

/** Shares of changes at which the leader is cut off from the others, and when. */
const CUT_OFF = { share: 0.3, maxDelayMs: 50, minMs: 200, maxMs: 8000 };

/** Counts how a change ended; sometimes the leader does not reach the others with it. */
export function change(
  world: FaultWorld,
  leader: MemberId,
  work: (replica: Replica, signal: AbortSignal) => Promise<unknown>,
  done: () => void = () => {},
): Undo {
  if (!world.healed && world.random.chance(CUT_OFF.share)) cutOff(world, leader);
  const patience = new AbortController();
  const { cluster, coverage } = world;
  const early = (cluster.status(leader)?.membership.unheard.length ?? 0) > 0;
  const ended = cluster.losses.changeBegins();
  ask(
    world,
    leader,
    (replica) => work(replica, patience.signal),
    (code) => {
      ended();
      if (code === undefined) {
        coverage.count('membership changed');
        if (early) coverage.count('membership changed before all founders were heard from');
        done();
      } else if (code === 'CHANGE_REFUSED') coverage.count('change of membership refused');
      else coverage.count('change of membership lost or of unknown outcome');
    },
  );
  return () => {
    ended();
    patience.abort(new GivenUp());
  };
}

function cutOff({ cluster, network, coverage, random, time }: FaultWorld, id: MemberId): void {
  coverage.count('leader cut off as it changed the membership');
  time.after(random.between(0, CUT_OFF.maxDelayMs), () => {
    const undo = cluster.ids.flatMap((other) =>
      other === id ? [] : [network.block(id, other, 'drop'), network.block(other, id, 'drop')],
    );
    time.after(random.magnitude(CUT_OFF.minMs, CUT_OFF.maxMs), () => {
      for (const unblock of undo) unblock();
    });
  });
}

const addMember = faultKind(
  'add-member',
  ({ random }) => ({
    place: random.next(),
    empty: random.chance(0.7),
    /** learner: it stays one. voter: it is promoted once it has caught up. */
    as: random.pick(['learner', 'voter', 'voter'] as const),
  }),
  (fault, world) => {
    const now = situation(world);
    if (now === undefined || now.configuration.voters.length >= MAX_VOTERS) return undefined;
    const [id] = bringIn(world, [fault.place], fault.empty);
    if (id === undefined) return undefined;
    return change(world, now.leader, (replica, signal) =>
      fault.as === 'voter'
        ? replica.addMember(id, endpointsNamed(world, id).endpoints, signal)
        : replica.changeMembership(
            single({ type: 'add-learner', id, ...endpointsNamed(world, id) }),
            signal,
          ),
    );
  },
);

const promote = faultKind(
  'promote',
  ({ random }) => ({ place: random.next() }),
  (fault, world) => {
    const now = situation(world);
    const id = at(now?.configuration.learners ?? [], fault.place);
    if (now === undefined || id === undefined) return undefined;
    return change(world, now.leader, (replica, signal) =>
      replica.changeMembership(single({ type: 'add-voter', id }), signal),
    );
  },
);

const demote = faultKind(
  'demote',
  (draw) => ({ member: draw.target() }),
  (fault, world) => {
    const now = situation(world);
    const id = world.member(fault.member);
    if (now === undefined || now.configuration.voters.length <= 2) return undefined;
    if (!now.configuration.voters.includes(id)) return undefined;
    return change(world, now.leader, (replica, signal) =>
      replica.changeMembership(single({ type: 'add-learner', id }), signal),
    );
  },
);

const removeMember = faultKind(
  'remove-member',
  (draw) => ({
    member: draw.target(),
    minVoters: draw.random.pick([1, 2, 2, 3]),
    retireMs: draw.random.magnitude(100, 10_000),
  }),
  (fault, world) => {
    const now = situation(world);
    const id = world.member(fault.member);
    if (now === undefined || !allMembers(now.configuration).includes(id)) return undefined;
    if (now.configuration.voters.length <= fault.minVoters) return undefined;
    return change(
      world,
      now.leader,
      (replica, signal) => replica.changeMembership(single({ type: 'remove', id }), signal),
      () => retireLater(world, [id], fault.retireMs),
    );
  },
);

/** A second change before the first one is applied: two majorities could be apart. */
const hastyChanges = faultKind(
  'hasty-changes',
  ({ random }) => ({ places: [random.next(), random.next()] }),
  (fault, world) => {
    const now = situation(world);
    if (now === undefined || now.configuration.voters.length < 4) return undefined;
    const { voters } = now.configuration;
    for (const id of new Set(fault.places.flatMap((place) => at(voters, place) ?? []))) {
      change(world, now.leader, (replica) =>
        replica.changeMembership(single({ type: 'add-learner', id })),
      );
    }
    return undefined;
  },
);

/** Several members at once, through a joint configuration. */
const replaceMembers = faultKind(
  'replace-members',
  ({ random }) => ({
    places: Array.from({ length: random.integer(1, 3) }, () => random.next()),
    leaving: Array.from({ length: random.integer(1, 3) }, () => random.next()),
    empty: random.chance(0.7),
    transition: random.pick(['auto', 'implicit', 'explicit'] as const),
    leaveMs: random.magnitude(10, 3000),
    retireMs: random.magnitude(100, 10_000),
  }),
  (fault, world) => {
    const now = situation(world);
    if (now === undefined || isJoint(now.configuration)) return undefined;
    const joining = bringIn(world, fault.places, fault.empty);
    if (joining.length === 0) return undefined;
    const { voters } = now.configuration;
    const leaving = [...new Set(fault.leaving.flatMap((place) => at(voters, place) ?? []))];
    const patience = change(
      world,
      now.leader,
      (replica, signal) => replace(world, replica, joining, leaving, fault.transition, signal),
      () => {
        retireLater(world, leaving, fault.retireMs);
        if (fault.transition === 'explicit') {
          world.time.after(fault.leaveMs, () => leaveJoint(world));
        }
      },
    );
    return patience;
  },
);

async function replace(
  world: FaultWorld,
  replica: Replica,
  joining: readonly MemberId[],
  leaving: readonly MemberId[],
  transition: Transition,
  signal: AbortSignal,
): Promise<Membership> {
  const learners = joining.map(
    (id): MemberChange => ({ type: 'add-learner', id, ...endpointsNamed(world, id) }),
  );
  await replica.changeMembership({ changes: learners, transition: 'implicit' }, signal);
  await replica.until(() => {
    const { role, progress } = replica.status();
    if (role !== 'leader') throw new GivenUp();
    const known = progress.filter(({ id }) => joining.includes(id));
    const ready = known.every(({ recovering, match, lag }) => !recovering && match > 0 && lag < 5);
    return known.length === joining.length && ready ? true : undefined;
  }, signal);
  const changes: MemberChange[] = [
    ...joining.map((id): MemberChange => ({ type: 'add-voter', id })),
    ...leaving.map((id): MemberChange => ({ type: 'remove', id })),
  ];
  return replica.changeMembership({ changes, transition }, signal);
}

/** Where a member that comes is reached, if the membership says so of members. */
function endpointsNamed(
  { cluster, options }: FaultWorld,
  id: MemberId,
): { readonly endpoints?: Endpoints } {
  return options.namesEndpoints ? { endpoints: cluster.endpointsOf(id) } : {};
}

/** Leaves a joint configuration that does not leave itself. */
export function leaveJoint(world: FaultWorld): void {
  const { cluster } = world;
  const leader = cluster.leader();
  const membership = leader === undefined ? undefined : cluster.status(leader)?.membership;
  if (leader === undefined || membership === undefined) return;
  if (!isJoint(membership.configuration) || membership.configuration.autoLeave) return;
  change(world, leader, (replica) => replica.changeMembership({ changes: [], transition: 'auto' }));
}

function single(one: MemberChange): MembershipChange {
  return { changes: [one], transition: 'auto' };
}

/** What operators do to the membership while all this happens. */
export const MEMBERSHIPS: readonly FaultKind[] = [
  addMember,
  promote,
  demote,
  removeMember,
  hastyChanges,
  replaceMembers,
];
