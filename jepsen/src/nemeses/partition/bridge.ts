import type { Nemesis } from '../nemesis.js';
import { striking } from '../striking.js';
import { cutBothWays, cutsUnavailable } from './cuts.js';

/** Two halves that reach each other through one member only. */
export const partitionBridge: Nemesis = {
  name: 'partition-bridge',
  proves: 'A member between two halves neither has two leaders followed nor elections without end',
  lastsMs: 5_000,
  pausesMs: 4_000,
  unavailable: async (cluster) => cutsUnavailable(cluster, 3),
  strike: (context) =>
    striking(context, async (holding) => {
      const [bridge, ...others] = context.random.shuffle(
        context.cluster.members.map(({ id }) => id),
      );
      const half = Math.ceil(others.length / 2);
      const [some, rest] = [others.slice(0, half), others.slice(half)];
      holding.add(await context.holds.links.suffer(cutBothWays(some, rest)));
      return { kind: 'partition-bridge', bridge: bridge ?? null, groups: [some, rest] };
    }),
};
