import type { Nemesis } from '../nemesis.js';
import { striking } from '../striking.js';
import { majorityOf } from '../victims.js';
import { cutBothWays, cutsUnavailable } from './cuts.js';

/** A majority and the others: no member of one reaches any of the other. */
export const partitionHalves: Nemesis = {
  name: 'partition-halves',
  proves: 'Who is cut off from the majority neither acknowledges writes nor reads what is stale',
  lastsMs: 5_000,
  pausesMs: 4_000,
  unavailable: async (cluster) => cutsUnavailable(cluster, 2),
  strike: (context) =>
    striking(context, async (holding) => {
      const ids = context.random.shuffle(context.cluster.members.map(({ id }) => id));
      const majority = ids.slice(0, majorityOf(ids.length));
      const minority = ids.slice(majority.length);
      holding.add(await context.holds.links.suffer(cutBothWays(majority, minority)));
      return { kind: 'partition-halves', groups: [majority, minority] };
    }),
};
