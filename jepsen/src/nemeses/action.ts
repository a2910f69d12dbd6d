import type { Database, OperatorAction } from '../cluster/database.js';
import type { Nemesis } from './nemesis.js';
import { striking } from './striking.js';

const PREFIX = 'action-';

/** What operators do to this system while it serves, each as a nemesis of its own. */
export function actionNemeses(database: Database): readonly Nemesis[] {
  return Object.entries(database.actions ?? {}).map(([name, action]) =>
    actionNemesis(name, action),
  );
}

function actionNemesis(name: string, action: OperatorAction): Nemesis {
  const kind = `${PREFIX}${name}`;
  return {
    name: kind,
    proves: `What operators do while it serves costs nothing that was acknowledged: ${name}`,
    lastsMs: 500,
    pausesMs: 4_000,
    unavailable: async () => undefined,
    strike: (context) =>
      striking(context, async () => {
        const { cluster, random, signal } = context;
        const { members, scratchDirectory } = cluster;
        const did = await action(
          {
            members,
            scratchDirectory,
            isRunning: (id) => cluster.isRunning(id),
            random: () => random.fraction(),
          },
          signal,
        );
        return { kind, did };
      }),
  };
}
