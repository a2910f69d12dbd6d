import { type FaultKind, faultKind } from './fault.js';

/** The log of one member or of all forgets all but so many entries. */
const compact = faultKind(
  'compact',
  (draw) => ({
    members: draw.random.chance(0.3) ? draw.members : [draw.target()],
    keep: draw.random.pick([0, 0, 1, 3, 30]),
    /** Whether the state is made durable before: then that can be much. */
    flush: draw.random.chance(0.7),
  }),
  (fault, world) => {
    for (const target of fault.members) {
      const member = world.cluster.member(world.member(target));
      if (member.replica === undefined || member.process?.paused === true) continue;
      if (fault.flush) member.flush();
      member.compact(fault.keep);
    }
    return undefined;
  },
);

/** Logs that are cut short while others still need them. */
export const COMPACTIONS: readonly FaultKind[] = [compact];
