import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '../../cluster/cluster.js';
import { JepsenError } from '../../errors.js';
import { faketimeEnvironment, faketimeSetting } from '../faketime.js';
import type { HeldMembers } from './held-members.js';
import type { HeldSurroundings } from './held-surroundings.js';
import type { Hold } from './hold.js';
import { Reasons } from './reasons.js';
import { Turns } from './turns.js';

/** What the members' clocks show: the right time, and what everyone adds to it. */
export class HeldClocks {
  readonly #cluster: Cluster;
  readonly #members: HeldMembers;
  readonly #surroundings: HeldSurroundings;
  readonly #turns = new Turns();
  readonly #offsetsMs = new Reasons<number>();
  #library: string | undefined;
  #drifts = 0;

  constructor(cluster: Cluster, members: HeldMembers, surroundings: HeldSurroundings) {
    this.#cluster = cluster;
    this.#members = members;
    this.#surroundings = surroundings;
  }

  /**
   * Has all members start with a clock that can be set. Those that run already notice nothing of it.
   * @param library libfaketime
   */
  async prepare(library: string): Promise<void> {
    if (this.#library !== undefined) return;
    this.#library = library;
    await mkdir(this.#directory, { recursive: true });
    for (const { id } of this.#cluster.members) {
      await this.#write(this.#file(id), faketimeSetting(0));
      const environment = faketimeEnvironment(library, this.#file(id), false);
      this.#surroundings.with(id, { environment });
    }
  }

  /** Its wall clock is so far ahead, at once; its monotonic clock is right. */
  async ahead(id: number, offsetMs: number): Promise<Hold> {
    this.#assertPrepared();
    const takeBack = this.#offsetsMs.add(id, offsetMs);
    await this.#set(id);
    return {
      release: async () => {
        if (takeBack()) await this.#set(id);
      },
    };
  }

  /**
   * All its clocks, the monotonic one too, go so many times as fast as they should. It starts anew for that, as
   * a clock that never runs back can't be had right again while its process lives. While it drifts,
   * whatever else sets its wall clock is not seen.
   */
  async drifting(id: number, rate: number): Promise<Hold> {
    const library = this.#assertPrepared();
    const file = join(this.#directory, `n${id}-drift-${this.#drifts++}`);
    await this.#write(file, faketimeSetting(0, rate));
    const environment = faketimeEnvironment(library, file, true);
    const surrounded = this.#surroundings.with(id, { environment });
    const hold: Hold = {
      release: async () => {
        await surrounded.release();
        await this.#members.restart(id, 'SIGTERM');
      },
    };
    try {
      await this.#members.restart(id, 'SIGTERM');
    } catch (failure) {
      await hold.release();
      throw failure;
    }
    return hold;
  }

  /** Whatever was added to it, a clock is right again. */
  async free(id: number): Promise<void> {
    this.#offsetsMs.clear(id);
    if (this.#library !== undefined) await this.#set(id);
  }

  /** How far it is set ahead: 0 where it is right. */
  async offsetMs(id: number): Promise<number> {
    if (this.#library === undefined) return 0;
    return Number.parseFloat(await readFile(this.#file(id), 'utf8')) * 1000;
  }

  #set(id: number): Promise<void> {
    return this.#turns.take(id, async () => {
      const offsetMs = this.#offsetsMs.of(id).reduce((sum, offset) => sum + offset, 0);
      await this.#write(this.#file(id), faketimeSetting(offsetMs));
    });
  }

  #assertPrepared(): string {
    if (this.#library === undefined) {
      const message = 'members must be started with a clock that can be set: prepare the nemesis';
      throw new JepsenError('NEMESIS_UNAVAILABLE', message);
    }
    return this.#library;
  }

  /** In one step: a process that reads it meanwhile must not find it empty. */
  async #write(file: string, setting: string): Promise<void> {
    await writeFile(`${file}.next`, setting);
    await rename(`${file}.next`, file);
  }

  #file(id: number): string {
    return join(this.#directory, `n${id}`);
  }

  get #directory(): string {
    return join(this.#cluster.scratchDirectory, 'clocks');
  }
}
