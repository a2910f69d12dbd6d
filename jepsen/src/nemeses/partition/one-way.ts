import type { Nemesis } from '../nemesis.js';
import { striking } from '../striking.js';
import { drawMinority } from '../victims.js';
import { cutOneWay, cutsUnavailable } from './cuts.js';

/** Some members send and are not heard, or hear and are not heard of. */
export const partitionOneWay: Nemesis = {
  name: 'partition-one-way',
  proves: 'Heartbeats or votes that come through in one direction only mislead nobody',
  lastsMs: 5_000,
  pausesMs: 4_000,
  unavailable: async (cluster) => cutsUnavailable(cluster, 2),
  strike: (context) =>
    striking(context, async (holding) => {
      const { cluster, random } = context;
      const members = drawMinority(random, cluster.members);
      const others = cluster.members.map(({ id }) => id).filter((id) => !members.includes(id));
      const lost = random.pick(['sent', 'received'] as const);
      const cuts = lost === 'sent' ? cutOneWay(members, others) : cutOneWay(others, members);
      holding.add(await context.holds.links.suffer(cuts));
      return { kind: 'partition-one-way', members, lost };
    }),
};
