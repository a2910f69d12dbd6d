import type { Nemesis } from './nemesis.js';
import { striking } from './striking.js';

/** So long a member that was started again is waited for, as an operator would. */
const MAX_STARTING_MS = 15_000;

/** Asks one member after another to end and starts it again: the next once it serves, as an operator upgrades. */
export const rollingRestart: Nemesis = {
  name: 'rolling-restart',
  proves:
    'A cluster is upgraded member by member without a write lost, and with little time without a leader',
  lastsMs: 500,
  pausesMs: 8_000,
  unavailable: async () => undefined,
  strike: (context) =>
    striking(context, async () => {
      const { cluster, random, holds, signal } = context;
      const members = random.shuffle(cluster.members.map(({ id }) => id));
      const served: boolean[] = [];
      for (const id of members) {
        signal.throwIfAborted();
        await holds.members.restart(id, 'SIGTERM');
        served.push(await holds.members.awaitServing(id, MAX_STARTING_MS, signal));
      }
      return { kind: 'rolling-restart', members, served };
    }),
};
