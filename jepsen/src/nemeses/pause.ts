import type { Nemesis } from './nemesis.js';
import { striking } from './striking.js';
import { drawSome, type Victims } from './victims.js';

/** Stops processes in their tracks (SIGSTOP), beyond election timeouts, and has them go on as if nothing was. */
export const pause: Nemesis = pauseOf(drawSome);

export function pauseOf(victims: Victims): Nemesis {
  return {
    name: 'pause',
    proves: 'A leader that was away and does not know it answers nothing from former times',
    lastsMs: 5_000,
    pausesMs: 4_000,
    unavailable: async () => undefined,
    strike: (context) =>
      striking(context, async (holding) => {
        const { cluster, random, holds } = context;
        const members = victims(random, cluster.members);
        await holding.addAll(members.map((id) => holds.members.paused(id)));
        return { kind: 'pause', members };
      }),
  };
}
