import { ask, GivenUp } from './ask.js';
import { type FaultKind, faultKind } from './fault.js';

const transfer = faultKind(
  'transfer',
  ({ random }) => ({ place: random.next(), impatient: random.chance(0.2) }),
  (fault, world) => {
    const { cluster, coverage } = world;
    const leader = cluster.leader();
    if (leader === undefined) return undefined;
    // Who does not vote is refused.
    const others = cluster.ids.filter((id) => id !== leader);
    const target = others[Math.floor(fault.place * others.length)];
    if (target === undefined) return undefined;
    const patience = new AbortController();
    const ended = world.transferAsked(leader);
    ask(
      world,
      leader,
      (replica) => replica.transferLeadership(target, patience.signal),
      (code) => {
        ended();
        if (code === undefined) coverage.count('transfer done');
        else if (code === 'TRANSFER_FAILED') coverage.count('transfer failed');
        else if (code === 'TRANSFER_REFUSED') coverage.count('transfer refused');
      },
    );
    if (!fault.impatient) return undefined;
    return () => {
      ended();
      patience.abort(new GivenUp());
    };
  },
);

/** Somebody is told to campaign, though a leader may be well. */
const campaign = faultKind(
  'campaign',
  (draw) => ({ member: draw.target(), forget: draw.random.chance(0.5) }),
  (fault, world) => {
    const id = world.member(fault.member);
    ask(world, id, async (replica) => {
      if (fault.forget) {
        replica.forgetLeader();
        world.coverage.count('leader forgotten');
      } else {
        replica.campaign();
        world.coverage.count('campaign on request');
      }
    });
    return undefined;
  },
);

/** What operators do about who leads. */
export const LEADERSHIP: readonly FaultKind[] = [transfer, campaign];
