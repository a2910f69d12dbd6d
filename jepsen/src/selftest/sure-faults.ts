import type { MemberRole } from '../cluster/database.js';
import { killAll } from '../nemeses/kill.js';
import type { Nemesis, NemesisContext } from '../nemeses/nemesis.js';
import { cutBothWays, cutsUnavailable } from '../nemeses/partition/cuts.js';
import { partitionLeader } from '../nemeses/partition/leader.js';
import { pauseOf } from '../nemeses/pause.js';
import { powerLossOf } from '../nemeses/power-loss.js';
import { striking } from '../nemeses/striking.js';
import { everyone } from '../nemeses/victims.js';

/** Between two looks at who leads. */
const LOOK_MS = 50;
/** For a leader that is to come; where none does, the fault is in force all the same. */
const MAX_ELECTION_MS = 20_000;

/** Every process at once. */
export const everyoneKilled: Nemesis = soon(killAll);

export const everyonePaused: Nemesis = soon(pauseOf(everyone));

export const powerLossOfAll: Nemesis = soon(powerLossOf(everyone));

/** In force once the others have another leader, and until enough was called meanwhile. */
export const leaderReplaced: Nemesis = {
  ...soon(partitionLeader),
  lastsMs: 10_000,
  strike: async (context) => {
    const strike = await partitionLeader.strike(context);
    const { members } = strike.input;
    const isCutOff = (id: number) => Array.isArray(members) && members.includes(id);
    await untilRoles(context, (roles) => having(roles, 'leader').some((id) => !isCutOff(id)));
    return strike;
  },
};

/** The first and the third member on one side, the others on the other; in force once both have a leader, or none. */
export const splitInTwo: Nemesis = soon({
  name: 'partition-halves',
  proves: 'Where no side has a majority, none decides anything',
  lastsMs: 0,
  pausesMs: 0,
  unavailable: async (cluster) => cutsUnavailable(cluster, 4),
  strike: (context) =>
    striking(context, async (holding) => {
      const ids = context.cluster.members.map(({ id }) => id);
      const side = ids.filter((_, at) => at % 2 === 0);
      const other = ids.filter((_, at) => at % 2 === 1);
      holding.add(await context.holds.links.suffer(cutBothWays(side, other)));
      await untilRoles(context, (roles) => {
        const leaders = having(roles, 'leader').length;
        return leaders > 1 || (leaders === 0 && having(roles, 'silent').length === 0);
      });
      return { kind: 'partition-halves', groups: [side, other] };
    }),
});

/** Strikes soon, and again, as often as a test waits for. */
function soon(nemesis: Nemesis): Nemesis {
  return { ...nemesis, pausesMs: 300, lastsMs: 2_000 };
}

/** Resolves once the members' roles are as they are to be. */
async function untilRoles(
  { cluster, pause, signal }: NemesisContext,
  isSo: (roles: Roles) => boolean,
): Promise<void> {
  const endMs = performance.now() + MAX_ELECTION_MS;
  while (performance.now() < endMs && !signal.aborted) {
    if (isSo(await cluster.roles(signal).catch(() => NOBODY))) return;
    await pause(LOOK_MS, signal);
  }
}

type Roles = ReadonlyMap<number, MemberRole>;
const NOBODY: Roles = new Map([[0, 'silent']]);

function having(roles: Roles, wanted: MemberRole): readonly number[] {
  return [...roles].flatMap(([id, role]) => (role === wanted ? [id] : []));
}
