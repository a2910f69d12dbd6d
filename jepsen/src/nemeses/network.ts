import type { Cluster } from '../cluster/cluster.js';
import type { LinkFault, Network, Peer } from '../cluster/network/network.js';
import type { Random } from '../random.js';
import type { Direction } from './holds/held-links.js';
import { repeating } from './holds/repeating.js';
import type { Nemesis } from './nemesis.js';
import { striking } from './striking.js';

/** Between members, and between clients and members, in each direction. */
function everyDirection(cluster: Cluster): readonly (readonly [Peer, Peer])[] {
  const peers: readonly Peer[] = [...cluster.members.map(({ id }) => id), 'clients'];
  return peers.flatMap((from) =>
    peers.filter((to) => to !== from).map((to) => [from, to] as const),
  );
}

/** A fault of some or all directions, of a measure drawn once. */
function unreliable(
  name: string,
  proves: string,
  needs: readonly (keyof LinkFault)[],
  measure: (random: Random) => LinkFault,
): Nemesis {
  return {
    name,
    proves,
    lastsMs: 6_000,
    pausesMs: 4_000,
    unavailable: async ({ network }) => {
      const reasons = needs.map((need) => network.unavailable[need]);
      // A part of it is worth while.
      return reasons.includes(undefined) ? undefined : reasons.join('; ');
    },
    strike: (context) =>
      striking(context, async (holding) => {
        const { cluster, random, holds } = context;
        const fault = withoutDenied(measure(random), cluster.network);
        const share = random.pick([0.25, 0.5, 1] as const);
        const all = everyDirection(cluster);
        // One at least.
        const [first] = random.shuffle(all);
        const links = all.filter((link) => random.chance(share) || link === first);
        const directions: readonly Direction[] = links.map(([from, to]) => ({ from, to, fault }));
        holding.add(await holds.links.suffer(directions));
        return { kind: name, fault: { ...fault }, links };
      }),
  };
}

function withoutDenied(fault: LinkFault, { unavailable }: Network): LinkFault {
  const isHad = ([name]: readonly [string, unknown]) => !(name in unavailable);
  return Object.fromEntries(Object.entries(fault).filter(isHad));
}

export const slowNetwork = unreliable(
  'slow-network',
  'What comes late, or in another order than it was sent on other links, is still judged right',
  ['delayMs', 'jitterMs'],
  (random) => ({ delayMs: random.between(5, 300), jitterMs: random.between(0, 200) }),
);

export const narrowNetwork = unreliable(
  'narrow-network',
  'Messages in pieces and queues that grow cost time, and nothing else',
  ['bytesPerSecond', 'sliceBytes'],
  (random) => ({
    bytesPerSecond: Math.round(2_000 * 100 ** random.fraction()),
    sliceBytes: random.between(1, 1_000),
  }),
);

export const lossyNetwork = unreliable(
  'lossy-network',
  'Streams that stand still and go on neither lose nor double a message',
  ['lossShare'],
  (random) => ({ lossShare: random.between(2, 30) / 100 }),
);

/** Connections between members, and with clients, are reset, many times. */
export const resets: Nemesis = {
  name: 'resets',
  proves:
    'A connection that ends in the middle of a message or answer costs neither a write nor doubles it',
  lastsMs: 5_000,
  pausesMs: 4_000,
  unavailable: async (cluster) => cluster.network.unavailable.reset,
  strike: (context) =>
    striking(context, async (holding) => {
      const { cluster, random, pause } = context;
      const everyMs = random.between(20, 1_000);
      const rounds = repeating(async (over) => {
        const [from, to] = random.pick(everyDirection(cluster));
        await cluster.network.reset(from, to);
        await pause(everyMs, over);
      });
      holding.add(rounds);
      return { kind: 'resets', everyMs };
    }),
};
