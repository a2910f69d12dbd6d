import type { Nemesis } from './nemesis.js';
import { striking } from './striking.js';
import { drawMembers, drawMinority, everyone, majorityOf, type Victims } from './victims.js';

/** Ends processes without a word (SIGKILL) and starts them again at the end. */
function kill(name: string, proves: string, victims: Victims): Nemesis {
  return {
    name,
    proves,
    lastsMs: 3_000,
    pausesMs: 4_000,
    unavailable: async () => undefined,
    strike: (context) =>
      striking(context, async (holding) => {
        const members = victims(context.random, context.cluster.members);
        await holding.addAll(members.map((id) => context.holds.members.down(id, 'SIGKILL')));
        return { kind: name, members };
      }),
  };
}

export const killOne = kill(
  'kill-one',
  'A member that is killed loses nothing that was acknowledged, whoever leads',
  (random, members) => drawMembers(random, members, 1),
);

export const killMinority = kill(
  'kill-minority',
  'The others go on without as many as can be lost',
  drawMinority,
);

export const killMajority = kill(
  'kill-majority',
  'Those who are left acknowledge nothing alone, and all go on once the others are back',
  (random, members) =>
    drawMembers(random, members, random.between(majorityOf(members.length), members.length)),
);

export const killAll = kill(
  'kill-all',
  'Votes, terms and entries that were acknowledged are in files, of all members at once',
  everyone,
);
