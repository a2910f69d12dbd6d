import { leaderOrAnyone } from '../leader.js';
import type { Nemesis } from '../nemesis.js';
import { striking } from '../striking.js';
import { cutBothWays, cutsUnavailable } from './cuts.js';

/** The leader reaches clients, and no other member. */
export const partitionLeader: Nemesis = {
  name: 'partition-leader',
  proves: 'A leader that has lost its followers answers no read and acknowledges no write',
  lastsMs: 5_000,
  pausesMs: 4_000,
  unavailable: async (cluster) => cutsUnavailable(cluster, 2),
  strike: (context) =>
    striking(context, async (holding) => {
      const { cluster, random, signal } = context;
      const { id, leads } = await leaderOrAnyone(cluster, random, signal);
      const others = cluster.members.map((member) => member.id).filter((other) => other !== id);
      holding.add(await context.holds.links.suffer(cutBothWays([id], others)));
      return { kind: 'partition-leader', members: [id], leads };
    }),
};
