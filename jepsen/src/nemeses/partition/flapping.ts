import { repeating } from '../holds/repeating.js';
import type { Nemesis } from '../nemesis.js';
import { striking } from '../striking.js';
import { drawMinority } from '../victims.js';
import { cutBothWays, cutsUnavailable } from './cuts.js';

/** Around election timeouts: some elections just succeed. */
const LEAST_MS = 50;
const MOST_MS = 1_500;

/** A minority that is cut off and reached again, many times. */
export const partitionFlapping: Nemesis = {
  name: 'partition-flapping',
  proves: 'Members that come and go cost no acknowledged write, and the cluster goes on',
  lastsMs: 8_000,
  pausesMs: 4_000,
  unavailable: async (cluster) => cutsUnavailable(cluster, 2),
  strike: (context) =>
    striking(context, async (holding) => {
      const { cluster, random, holds, pause } = context;
      const members = drawMinority(random, cluster.members);
      const others = cluster.members.map(({ id }) => id).filter((id) => !members.includes(id));
      const cuts = cutBothWays(members, others);
      const flaps = repeating(async (over) => {
        const cut = await holds.links.suffer(cuts);
        await pause(random.between(LEAST_MS, MOST_MS), over);
        await cut.release();
        await pause(random.between(LEAST_MS, MOST_MS), over);
      });
      holding.add(flaps);
      return { kind: 'partition-flapping', members, betweenMs: [LEAST_MS, MOST_MS] };
    }),
};
