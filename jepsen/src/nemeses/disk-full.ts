import type { Nemesis } from './nemesis.js';
import { striking } from './striking.js';
import { drawSome } from './victims.js';

/** Some members, any number of them, find their disks full, or soon will. */
export const diskFull: Nemesis = {
  name: 'disk-full',
  proves:
    'A member without room acknowledges nothing that it could not keep, and goes on once there is some',
  lastsMs: 6_000,
  pausesMs: 5_000,
  endsMembers: true,
  unavailable: async (cluster) => cluster.disks.unavailable.fill,
  strike: (context) =>
    striking(context, async (holding) => {
      const { cluster, random, holds } = context;
      const members = drawSome(random, cluster.members);
      const freeBytes = random.pick([0, 4_096, 65_536, 1_048_576] as const);
      await holding.addAll(members.map((id) => holds.disks.full(id, freeBytes)));
      return { kind: 'disk-full', members, freeBytes };
    }),
};
