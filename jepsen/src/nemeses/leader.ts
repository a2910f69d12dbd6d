import type { Cluster } from '../cluster/cluster.js';
import type { Random } from '../random.js';

const NOBODY: Awaited<ReturnType<Cluster['roles']>> = new Map();

/** Who leads, as far as anyone says so; else a member drawn. */
export async function leaderOrAnyone(
  cluster: Cluster,
  random: Random,
  signal: AbortSignal,
): Promise<{ readonly id: number; readonly leads: boolean }> {
  // Drawn first: what is drawn later must not depend on who leads.
  const drawn = random.pick(cluster.members).id;
  const roles = await cluster.roles(signal).catch(() => NOBODY);
  const leaders = [...roles].filter(([, role]) => role === 'leader').map(([id]) => id);
  // Two may believe it; the drawn one is as good as another.
  const id = leaders.includes(drawn) ? drawn : leaders[0];
  return id === undefined ? { id: drawn, leads: false } : { id, leads: true };
}
