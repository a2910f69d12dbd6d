import type { Cluster, Surroundings } from '../../cluster/cluster.js';
import type { Hold } from './hold.js';
import { Reasons } from './reasons.js';

/** What members are started with, from their next start on: all that anyone wants, put together. */
export class HeldSurroundings {
  readonly #cluster: Cluster;
  readonly #wanted = new Reasons<Partial<Surroundings>>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  with(id: number, surroundings: Partial<Surroundings>): Hold {
    const takeBack = this.#wanted.add(id, surroundings);
    this.#surround(id);
    return {
      release: async () => {
        if (takeBack()) this.#surround(id);
      },
    };
  }

  #surround(id: number): void {
    const wanted = this.#wanted.of(id);
    const limits = wanted.map(({ openFiles }) => openFiles).filter((limit) => limit !== undefined);
    this.#cluster.surround(id, {
      prefix: wanted.flatMap(({ prefix }) => prefix ?? []),
      environment: Object.fromEntries(
        wanted.flatMap(({ environment }) => Object.entries(environment ?? {})),
      ),
      openFiles: limits.length > 0 ? Math.min(...limits) : undefined,
    });
  }
}
