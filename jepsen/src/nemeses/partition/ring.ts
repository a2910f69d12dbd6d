import type { Nemesis } from '../nemesis.js';
import { striking } from '../striking.js';
import { majorityOf } from '../victims.js';
import { cutBothWays, cutsUnavailable } from './cuts.js';

/** Each member reaches a majority, and no two the same one: its neighbours on a ring (Jepsen's majorities ring). */
export const partitionRing: Nemesis = {
  name: 'partition-ring',
  proves: 'One leader at most is followed, where each member sees another majority',
  lastsMs: 5_000,
  pausesMs: 4_000,
  unavailable: async (cluster) => cutsUnavailable(cluster, 4),
  strike: (context) =>
    striking(context, async (holding) => {
      const ring = context.random.shuffle(context.cluster.members.map(({ id }) => id));
      const reach = Math.ceil((majorityOf(ring.length) - 1) / 2);
      const cuts = ring.flatMap((one, at) =>
        ring
          .slice(at + 1)
          .filter((_, after) => {
            const apart = after + 1;
            return Math.min(apart, ring.length - apart) > reach;
          })
          .flatMap((other) => cutBothWays([one], [other])),
      );
      holding.add(await context.holds.links.suffer(cuts));
      return { kind: 'partition-ring', ring, reach };
    }),
};
