import type { Configuration, MemberChange, MemberId } from 'raft-ts';
import type { Blockage, NodeId } from '../wire/link.js';
import { ask } from './ask.js';
import { type FaultKind, type FaultWorld, faultKind, type Undo } from './fault.js';
import { change, leaveJoint, situation } from './memberships.js';
import { between, block } from './partitions.js';

/**
 * Several voters become learners, and learners voters, in one step; when the joint configuration
 * has come into force at the leader, or has been left there, and others may not know yet, the
 * members are cut in two: those that leave on one side, those that join on the other, and who stays
 * on either. A side may have the majority of one half only, and whoever counts by that half alone
 * is elected there.
 */
const splitJoint = faultKind(
  'split-joint',
  (draw) => ({
    leaving: draw.targets(draw.random.integer(2, draw.members.length - 1)),
    moment: draw.random.pick(['joint', 'joint-left'] as const),
    blockage: draw.blockage(),
    delayMs: draw.random.magnitude(0.1, 50),
    /** Of who stays: the share that is cut off with those that leave. */
    share: draw.random.pick([0, 0, draw.random.next()]),
    transition: draw.random.pick(['auto', 'explicit'] as const),
    /** Whether somebody on each side campaigns at once. */
    campaign: draw.random.chance(0.5),
  }),
  (fault, world) => {
    const now = situation(world);
    if (now === undefined) return undefined;
    const leaving = fault.leaving.map((target) => world.member(target));
    const changes = exchange(now.configuration, leaving);
    if (changes.length < 2) return undefined;
    let mend: Undo = () => {};
    let configuration: Configuration | undefined;
    const forget = world.cluster.onMoment((reached, leader) => {
      if (reached === 'joint')
        configuration = world.cluster.status(leader)?.membership.configuration;
      const joint = configuration;
      if (reached !== fault.moment || joint === undefined) return;
      forget();
      world.time.after(fault.delayMs, () => {
        if (ended || world.healed) return;
        const old = oldSide(joint, () => world.random.chance(fault.share));
        mend = cut(world, old, fault.blockage);
        if (fault.campaign) campaignOnBothSides(world, joint);
      });
    });
    let ended = false;
    const giveUp = change(world, now.leader, (replica, signal) =>
      replica.changeMembership({ changes, transition: fault.transition }, signal),
    );
    return () => {
      ended = true;
      forget();
      mend();
      giveUp();
      leaveJoint(world);
    };
  },
);

/** Voters that become learners, while one stays, and as many learners that take their place. */
function exchange(
  { voters, learners }: Configuration,
  leaving: readonly MemberId[],
): readonly MemberChange[] {
  const demoted = leaving.filter((id) => voters.includes(id)).slice(0, voters.length - 1);
  const promoted = learners.slice(0, demoted.length);
  return [
    ...demoted.map((id): MemberChange => ({ type: 'add-learner', id })),
    ...promoted.map((id): MemberChange => ({ type: 'add-voter', id })),
  ];
}

/** Who leaves, and of those who stay whom `stays` picks. */
function oldSide({ voters, outgoing }: Configuration, stays: () => boolean): readonly MemberId[] {
  return outgoing.filter((id) => !voters.includes(id) || stays());
}

function cut(world: FaultWorld, members: readonly MemberId[], blockage: Blockage): Undo {
  const { cluster, clients, coverage } = world;
  coverage.count('joint configuration cut in two');
  const side = new Set<NodeId>(members);
  for (const client of clients) if (client % 2 === 0) side.add(client);
  return block(world, between([...cluster.ids, ...clients], side), blockage);
}

function campaignOnBothSides(world: FaultWorld, { voters, outgoing }: Configuration): void {
  for (const half of [outgoing, voters]) {
    if (half.length === 0) continue;
    ask(world, world.random.pick(half), async (replica) => {
      replica.forgetLeader();
      replica.campaign();
    });
  }
}

/** Partitions along the halves of a joint configuration. */
export const JOINT_SPLITS: readonly FaultKind[] = [splitJoint];
