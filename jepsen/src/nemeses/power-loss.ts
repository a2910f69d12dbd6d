import type { Nemesis } from './nemesis.js';
import { striking } from './striking.js';
import { drawSome, type Victims } from './victims.js';

/** The power goes, of one member, of some or of all at once: what they had not synced is gone. */
export const powerLoss: Nemesis = powerLossOf(drawSome);

export function powerLossOf(victims: Victims): Nemesis {
  return {
    name: 'power-loss',
    proves: 'Nothing is acknowledged, and no vote is given, before it is on the device',
    lastsMs: 2_000,
    pausesMs: 5_000,
    unavailable: async (cluster) => cluster.disks.unavailable.cutPower,
    strike: (context) =>
      striking(context, async (holding) => {
        const { cluster, random, holds } = context;
        const members = victims(random, cluster.members);
        await holding.addAll(members.map((id) => holds.disks.withoutPower(id)));
        return { kind: 'power-loss', members };
      }),
  };
}
