import type { Cluster } from '../cluster/cluster.js';
import { JepsenError } from '../errors.js';
import type { Nemesis } from './nemesis.js';

/** One of these, drawn anew for each strike from those that can be had. */
export function anyOf(name: string, proves: string, nemeses: readonly Nemesis[]): Nemesis {
  const had = new WeakMap<Cluster, Promise<readonly Nemesis[]>>();
  const having = (cluster: Cluster) => {
    const known = had.get(cluster) ?? thoseHad(nemeses, cluster);
    had.set(cluster, known);
    return known;
  };
  return {
    name,
    proves,
    lastsMs: mean(nemeses.map(({ lastsMs }) => lastsMs)),
    pausesMs: mean(nemeses.map(({ pausesMs }) => pausesMs)),
    endsMembers: nemeses.some(({ endsMembers }) => endsMembers === true),
    unavailable: async (cluster) => {
      if ((await having(cluster)).length > 0) return undefined;
      const reasons = await Promise.all(nemeses.map((nemesis) => nemesis.unavailable(cluster)));
      return [...new Set(reasons)].join('; ');
    },
    prepare: async (holds, cluster) => {
      for (const nemesis of await having(cluster)) await nemesis.prepare?.(holds, cluster);
    },
    strike: async (context) => {
      const candidates = await having(context.cluster);
      if (candidates.length === 0) {
        throw new JepsenError('NEMESIS_UNAVAILABLE', `none of ${name} can be had here`);
      }
      return await context.random.pick(candidates).strike(context);
    },
  };
}

async function thoseHad(
  nemeses: readonly Nemesis[],
  cluster: Cluster,
): Promise<readonly Nemesis[]> {
  const reasons = await Promise.all(nemeses.map((nemesis) => nemesis.unavailable(cluster)));
  return nemeses.filter((_, at) => reasons[at] === undefined);
}

function mean(values: readonly number[]): number {
  return Math.round(values.reduce((sum, value) => sum + value, 0) / values.length);
}
