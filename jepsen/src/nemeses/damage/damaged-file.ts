import type { Nemesis, NemesisContext } from '../nemesis.js';
import { striking } from '../striking.js';
import { type Damage, damageFile } from './damage-file.js';
import { damageUnavailable, directoryOf } from './damageable.js';
import { DirectoryCopy } from './directory-copy.js';

/** So long it is watched whether a member serves with what was done to its files, or refuses them. */
const MAX_STARTING_MS = 10_000;

/**
 * Damages a file of a stopped member and starts it again. Where it ends without having served, its files are put
 * back at healing, and nothing is lost that it had acknowledged. Where it serves, it lives with what it has.
 */
function damagedFile(damage: Damage, proves: string): Nemesis {
  const kind = `file-${damage}`;
  return {
    name: kind,
    proves,
    lastsMs: 4_000,
    pausesMs: 8_000,
    endsMembers: true,
    unavailable: async (cluster) => damageUnavailable(cluster),
    strike: (context) =>
      striking(context, async (holding) => {
        const { cluster, holds, random } = context;
        const id = holds.damaged.choose(random);
        const directory = directoryOf(cluster, id);
        const down = await holds.members.down(id, 'SIGKILL');
        holding.add(down);
        const [copy, done] = await holds.disks.change(id, async () => {
          const before = await DirectoryCopy.of(directory, cluster.scratchDirectory);
          return [before, await damageFile(directory, damage, random)] as const;
        });
        let start: Start = 'undecided';
        holding.defer(() => putBackUnlessServed(context, id, copy, start));
        await down.release();
        start = await watchStart(context, id);
        return { kind, members: done === undefined ? [] : [id], ...done, start };
      }),
  };
}

/** What a member makes of the files that it finds. */
type Start = 'serves' | 'ended' | 'undecided';

async function watchStart({ cluster, holds, signal }: NemesisContext, id: number): Promise<Start> {
  if (await holds.members.awaitServing(id, MAX_STARTING_MS, signal)) return 'serves';
  return holds.members.isHeld(id) || cluster.isRunning(id) ? 'undecided' : 'ended';
}

/** Tells whether its files were put back. */
async function putBackUnlessServed(
  context: NemesisContext,
  id: number,
  copy: DirectoryCopy,
  start: Start,
): Promise<{ readonly putBack: boolean }> {
  const { members, disks } = context.holds;
  try {
    const refused = (start === 'undecided' ? await watchStart(context, id) : start) === 'ended';
    if (refused) {
      const down = await members.down(id, 'SIGKILL');
      try {
        await disks.change(id, () => copy.putBack());
      } finally {
        await down.release();
      }
    }
    return { putBack: refused };
  } finally {
    await copy.remove();
  }
}

export const fileCorrupted = damagedFile(
  'corrupted',
  'A member notices bytes that are not what it wrote, and does not decide by them',
);

/** A system that does not notice, as its log may end anywhere after a crash, may rightly lose what only a minority has. */
export const fileTruncated = damagedFile(
  'truncated',
  'A member whose file ends too early notices it, or takes what is missing from the others',
);

/** A system that can't tell a lost file from none may rightly lose what it had acknowledged. */
export const fileRemoved = damagedFile(
  'removed',
  'A member that misses a file notices it, or takes what is missing from the others',
);
