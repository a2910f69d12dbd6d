import type { Cluster } from '../../cluster/cluster.js';
import { JepsenError } from '../../errors.js';
import type { Random } from '../../random.js';
import { minorityOf } from '../victims.js';

/**
 * Whose files were damaged in a test: a minority at most, over all of it, so that each entry that a majority
 * holds is whole on some member of each majority that was never touched.
 */
export class DamagedMembers {
  readonly #cluster: Cluster;
  readonly #damaged = new Set<number>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** A member whose files may be damaged. */
  choose(random: Random): number {
    const { members } = this.#cluster;
    const most = minorityOf(members.length);
    const candidates = this.#damaged.size < most ? members.map(({ id }) => id) : [...this.#damaged];
    if (most === 0) {
      throw new JepsenError(
        'NEMESIS_UNAVAILABLE',
        'files are damaged where there are three members',
      );
    }
    const id = random.pick(candidates);
    this.#damaged.add(id);
    return id;
  }
}
