import type { Nemesis } from './nemesis.js';
import { striking } from './striking.js';
import { drawSome } from './victims.js';

/** Asks members to end (SIGTERM), any number of them, and starts them again at the end. */
export const terminate: Nemesis = {
  name: 'terminate',
  proves: 'A member that is asked to end loses nothing that it acknowledged on its way out',
  lastsMs: 3_000,
  pausesMs: 4_000,
  unavailable: async () => undefined,
  strike: (context) =>
    striking(context, async (holding) => {
      const { cluster, random, holds } = context;
      const members = drawSome(random, cluster.members);
      await holding.addAll(members.map((id) => holds.members.down(id, 'SIGTERM')));
      return { kind: 'terminate', members };
    }),
};
