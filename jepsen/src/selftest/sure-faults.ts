import type { MemberRole } from '../cluster/database.js';
import { killAll } from '../nemeses/kill.js';
import type { Nemesis, NemesisContext } from '../nemeses/nemesis.js';
import { partitionLeader } from '../nemeses/partition/leader.js';
import { pauseOf } from '../nemeses/pause.js';
import { powerLossOf } from '../nemeses/power-loss.js';
import { striking } from '../nemeses/striking.js';
import { everyone } from '../nemeses/victims.js';

/** Between two looks at who leads. */
const LOOK_MS = 50;
/** For a leader that is to come; where none does, the fault is in force all the same. */
const MAX_ELECTION_MS = 20_000;
/** For what one majority acknowledges without the member that decides later. */
const ACKNOWLEDGING_MS = 1_000;

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

/**
 * The second member is down while the others acknowledge; then it decides with the third alone, which was started anew, as it
 * was before. In force once these have a leader.
 */
export const majoritiesInTurn: Nemesis = soon({
  name: 'kill-in-turn',
  proves: 'What one majority acknowledged another one has, by the member that is in both',
  lastsMs: 0,
  pausesMs: 0,
  unavailable: async ({ members }) => (members.length === 3 ? undefined : 'it takes 3 members'),
  strike: (context) =>
    striking(context, async (holding) => {
      const { cluster, holds, pause, signal } = context;
      const ids = cluster.members.map(({ id }) => id);
      const [first = 0, second = 0, third = 0] = ids;
      await holds.members.restart(third, 'SIGKILL');
      await untilRoles(context, (roles) => follows(roles.get(third)) && haveLeader(roles));
      const behind = await holds.members.down(second, 'SIGKILL');
      holding.add(behind);
      await untilRoles(context, haveLeader);
      await pause(ACKNOWLEDGING_MS, signal);
      holding.add(await holds.members.down(first, 'SIGKILL'));
      await holds.members.restart(third, 'SIGKILL');
      await behind.release();
      await untilRoles(context, haveLeader);
      return { kind: 'kill-in-turn', members: ids };
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

function follows(role: MemberRole | undefined): boolean {
  return role === 'follower' || role === 'leader';
}

function haveLeader(roles: Roles): boolean {
  return having(roles, 'leader').length > 0;
}

function having(roles: Roles, wanted: MemberRole): readonly number[] {
  return [...roles].flatMap(([id, role]) => (role === wanted ? [id] : []));
}
