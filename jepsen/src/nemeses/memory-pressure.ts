import { createMemoryGroup, memoryGroupsUnavailable } from './memory-group.js';
import type { Nemesis } from './nemesis.js';
import { striking } from './striking.js';
import { drawMembers } from './victims.js';

const MEBIBYTE = 1_048_576;
const LEAST_MEBIBYTES = 8;
const MOST_MEBIBYTES = 96;

/** A member may take little more memory than it has: what it maps and caches is taken from it, or the kernel ends it. */
export const memoryPressure: Nemesis = {
  name: 'memory-pressure',
  proves:
    'A member that gets no more memory is slow or ends, and loses nothing that it acknowledged',
  lastsMs: 6_000,
  pausesMs: 6_000,
  endsMembers: true,
  unavailable: memoryGroupsUnavailable,
  strike: (context) =>
    striking(context, async (holding) => {
      const { cluster, random, holds } = context;
      const drawn = drawMembers(random, cluster.members, 1);
      const moreBytes = random.between(LEAST_MEBIBYTES, MOST_MEBIBYTES) * MEBIBYTE;
      const members: number[] = [];
      for (const id of drawn) {
        const processId = cluster.processId(id);
        if (processId === undefined) continue;
        // The kernel may have ended it.
        holding.defer(async () => ({ restarted: await holds.members.settle(id) }));
        holding.add(await createMemoryGroup(processId, moreBytes));
        members.push(id);
      }
      return { kind: 'memory-pressure', members, moreBytes };
    }),
};
