import type { Nemesis } from '../nemesis.js';
import { striking } from '../striking.js';
import { damageUnavailable, directoryOf } from './damageable.js';
import { DirectoryCopy } from './directory-copy.js';

const LEAST_AGE_MS = 500;
const MOST_AGE_MS = 5_000;

/**
 * A member gets back its directory as it was a while ago, as after an operator's mistake: what it has acknowledged
 * and voted since is gone. No system can tell that from its files alone, so it may rightly lose what it acknowledged.
 */
export const olderDirectory: Nemesis = {
  name: 'older-directory',
  proves:
    'A member that forgot what it acknowledged is found out by the others, before anything hangs on it',
  lastsMs: 3_000,
  pausesMs: 8_000,
  endsMembers: true,
  unavailable: async (cluster) => damageUnavailable(cluster),
  strike: (context) =>
    striking(context, async (holding) => {
      const { cluster, holds, random, pause, signal } = context;
      const id = holds.damaged.choose(random);
      const directory = directoryOf(cluster, id);
      const ageMs = random.between(LEAST_AGE_MS, MOST_AGE_MS);
      const before = await holds.members.down(id, 'SIGKILL');
      holding.add(before);
      const copy = await holds.disks.change(id, () =>
        DirectoryCopy.of(directory, cluster.scratchDirectory),
      );
      holding.defer(async () => {
        await copy.remove();
        return undefined;
      });
      await before.release();
      await pause(ageMs, signal);
      const down = await holds.members.down(id, 'SIGKILL');
      holding.add(down);
      await holds.disks.change(id, () => copy.putBack());
      await down.release();
      return { kind: 'older-directory', members: [id], ageMs };
    }),
};
