import type { Nemesis } from './nemesis.js';
import { striking } from './striking.js';
import { drawMinority } from './victims.js';

const MOST_STARTS = 4;
/** A start takes about so long. */
const MOST_ALIVE_MS = 1_500;

/** Kills members while they start, several times. */
export const killStarting: Nemesis = {
  name: 'kill-starting',
  proves: 'Recovery can be broken off at any moment, and begins anew',
  lastsMs: 2_000,
  pausesMs: 4_000,
  unavailable: async () => undefined,
  strike: (context) =>
    striking(context, async (holding) => {
      const { cluster, random, holds, pause, signal } = context;
      const members = drawMinority(random, cluster.members);
      const aliveMs = Array.from({ length: random.between(1, MOST_STARTS) }, () =>
        random.between(0, MOST_ALIVE_MS),
      );
      await holding.addAll(
        members.map(async (id) => {
          for (const milliseconds of aliveMs) {
            await holds.members.restart(id, 'SIGKILL');
            await pause(milliseconds, signal);
          }
          return await holds.members.down(id, 'SIGKILL');
        }),
      );
      return { kind: 'kill-starting', members, aliveMs };
    }),
};
