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

/** In force once the others have another leader. */
export const leaderReplaced: Nemesis = soon({
  ...partitionLeader,
  strike: async (context) => {
    const strike = await partitionLeader.strike(context);
    const { members } = strike.input;
    const isCutOff = (id: number) => Array.isArray(members) && members.includes(id);
    await untilLeaders(context, (leaders) => leaders.some((id) => !isCutOff(id)));
    return strike;
  },
});

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
      await untilLeaders(context, (leaders) => leaders.length !== 1);
      return { kind: 'partition-halves', groups: [side, other] };
    }),
});

/** Strikes soon, and again, as often as a test waits for. */
function soon(nemesis: Nemesis): Nemesis {
  return { ...nemesis, pausesMs: 300, lastsMs: 2_000 };
}

/** Resolves once those who lead are as they are to be, at two looks: a member that is slow to answer is none that does not lead. */
async function untilLeaders(
  { cluster, pause, signal }: NemesisContext,
  isSo: (leaders: readonly number[]) => boolean,
): Promise<void> {
  const endMs = performance.now() + MAX_ELECTION_MS;
  for (let looks = 0; looks < 2 && performance.now() < endMs && !signal.aborted; ) {
    await pause(LOOK_MS, signal);
    const roles = await cluster.roles(signal).catch(() => NOBODY);
    const leaders = [...roles].flatMap(([id, role]) => (role === 'leader' ? [id] : []));
    looks = isSo(leaders) ? looks + 1 : 0;
  }
}

const NOBODY: ReadonlyMap<number, string> = new Map();
