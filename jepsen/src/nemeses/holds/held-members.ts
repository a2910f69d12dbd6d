import type { Cluster } from '../../cluster/cluster.js';
import type { Hold } from './hold.js';
import { Reasons } from './reasons.js';
import { Turns } from './turns.js';

/** By a signal, or together with what its disk had not synced. */
export type Ending = 'SIGKILL' | 'SIGTERM' | 'power';

/** Between two questions whether a member serves. */
const POLL_MS = 50;
/** A member that does not answer by then is asked again. */
const MAX_ANSWER_MS = 5_000;

/**
 * Which members are to be down and which paused. A member is down as long as anyone holds it down, else paused
 * as long as anyone holds it so, else it runs: in whatever order these come and go, and whatever ended it meanwhile.
 */
export class HeldMembers {
  readonly #cluster: Cluster;
  readonly #turns = new Turns();
  readonly #down = new Reasons<true>();
  readonly #paused = new Reasons<true>();
  /** Those whose processes are stopped in their tracks. */
  readonly #inTracks = new Set<number>();
  readonly #pause: (milliseconds: number, signal: AbortSignal) => Promise<void>;

  constructor(
    cluster: Cluster,
    pause: (milliseconds: number, signal: AbortSignal) => Promise<void>,
  ) {
    this.#cluster = cluster;
    this.#pause = pause;
  }

  /** Resolves once its process has ended. */
  async down(id: number, how: Ending): Promise<Hold> {
    const take = this.#down.add(id, true);
    const hold = this.#hold(id, take);
    try {
      await this.#turns.take(id, () => this.#end(id, how));
    } catch (failure) {
      take();
      throw failure;
    }
    return hold;
  }

  async paused(id: number): Promise<Hold> {
    const hold = this.#hold(id, this.#paused.add(id, true));
    await this.settle(id);
    return hold;
  }

  /** Ends it and starts it again: with what surrounds it by then. Waits for no answer. */
  async restart(id: number, how: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const hold = await this.down(id, how);
    await hold.release();
  }

  /** Has it be what it is held as: whoever ended by itself is started again. Whether it had. */
  settle(id: number): Promise<boolean> {
    return this.#turns.take(id, async () => this.#settle(id));
  }

  isHeld(id: number): boolean {
    return this.#down.has(id) || this.#paused.has(id);
  }

  /** Whatever it was held as, nobody holds it any more. */
  async free(id: number): Promise<boolean> {
    this.#down.clear(id);
    this.#paused.clear(id);
    return await this.settle(id);
  }

  /** Resolves true once it serves, false where it does not in time, has ended, or is held. */
  async awaitServing(id: number, withinMs: number, signal: AbortSignal): Promise<boolean> {
    const late = new AbortController();
    const done = new AbortController();
    const timing = this.#pause(withinMs, done.signal).then(() => late.abort());
    const until = AbortSignal.any([signal, late.signal]);
    try {
      while (!until.aborted && !this.isHeld(id) && this.#cluster.isRunning(id)) {
        if (await this.#isServing(id, until)) return true;
        await this.#pause(POLL_MS, until);
      }
      return false;
    } finally {
      done.abort();
      await timing;
    }
  }

  /** Whatever becomes of the question, it is answered in time. */
  async #isServing(id: number, signal: AbortSignal): Promise<boolean> {
    const member = this.#cluster.members.find((place) => place.id === id);
    if (member === undefined) return false;
    const done = new AbortController();
    const over = AbortSignal.any([signal, done.signal]);
    const asked = this.#cluster.database.isServing(member, over).catch(() => false);
    try {
      return await Promise.race([asked, this.#pause(MAX_ANSWER_MS, over).then(() => false)]);
    } finally {
      done.abort();
    }
  }

  #hold(id: number, takeBack: () => boolean): Hold {
    return {
      release: async () => {
        if (takeBack()) await this.settle(id);
      },
    };
  }

  async #end(id: number, how: Ending): Promise<void> {
    if (how === 'power') {
      await this.#cluster.cutPower(id);
    } else if (this.#cluster.isRunning(id)) {
      if (how === 'SIGTERM') this.#resume(id); // A process stopped in its tracks does not hear it.
      await this.#cluster.kill(id, how).catch((failure: unknown) => {
        // Who did not end by SIGTERM in time has been killed: it is down, as it was to be.
        if (this.#cluster.isRunning(id)) throw failure;
      });
    }
    this.#inTracks.delete(id);
  }

  #settle(id: number): boolean {
    if (this.#down.has(id)) return false;
    const hadEnded = !this.#cluster.isRunning(id);
    if (hadEnded) {
      this.#inTracks.delete(id);
      this.#cluster.launch(id);
    }
    if (!this.#paused.has(id)) this.#resume(id);
    else if (!this.#inTracks.has(id)) {
      this.#cluster.pause(id);
      this.#inTracks.add(id);
    }
    return hadEnded;
  }

  #resume(id: number): void {
    if (this.#inTracks.delete(id) && this.#cluster.isRunning(id)) this.#cluster.resume(id);
  }
}
