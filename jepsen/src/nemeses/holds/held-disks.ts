import type { Cluster } from '../../cluster/cluster.js';
import type { HeldMembers } from './held-members.js';
import type { Hold } from './hold.js';
import { Reasons } from './reasons.js';
import { Turns } from './turns.js';

/** What the members' disks suffer. */
export class HeldDisks {
  readonly #cluster: Cluster;
  readonly #members: HeldMembers;
  readonly #turns = new Turns();
  /** Bytes that are left free. */
  readonly #filled = new Reasons<number>();

  constructor(cluster: Cluster, members: HeldMembers) {
    this.#cluster = cluster;
    this.#members = members;
  }

  async full(id: number, freeBytes: number): Promise<Hold> {
    const takeBack = this.#filled.add(id, freeBytes);
    const hold: Hold = {
      release: async () => {
        if (!takeBack()) return;
        await this.#turns.take(id, () => this.#fill(id));
        // Who ended for want of room is started again, as there is some.
        await this.#members.settle(id);
      },
    };
    try {
      await this.#turns.take(id, () => this.#fill(id));
    } catch (failure) {
      await hold.release().catch(() => undefined);
      throw failure;
    }
    return hold;
  }

  /** A member's power goes, and what it had not synced with it. It stays down until this is released. */
  async withoutPower(id: number): Promise<Hold> {
    return await this.#turns.take(id, async () => {
      const hold = await this.#members.down(id, 'power');
      // What fills a disk was not synced either.
      if (this.#filled.has(id)) await this.#fill(id);
      return hold;
    });
  }

  /** Changes the files of a member that is down, with all of its disk's room and while nobody else does. */
  async change<Result>(id: number, work: () => Promise<Result>): Promise<Result> {
    return await this.#turns.take(id, async () => {
      if (this.#filled.has(id)) await this.#cluster.disks.free(id);
      try {
        return await work();
      } finally {
        if (this.#filled.has(id)) await this.#fill(id);
      }
    });
  }

  /** Whatever a disk was held as, it has its room again. */
  async free(id: number): Promise<void> {
    this.#filled.clear(id);
    await this.#turns.take(id, () => this.#fill(id));
  }

  async #fill(id: number): Promise<void> {
    const wanted = this.#filled.of(id);
    if (wanted.length === 0) await this.#cluster.disks.free(id);
    else await this.#cluster.disks.fill(id, Math.min(...wanted));
  }
}
