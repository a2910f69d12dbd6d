import { Backoff, pause, systemClock } from '@raft-ts/net';
import type { DiskLimits } from './disk-limits.js';

/** How long a member waits that was closed because its disk was full. */
export class WaitForRoom {
  readonly #limits: DiskLimits;
  readonly #freeBytes: () => Promise<number>;
  readonly #pauses: Backoff;

  constructor(limits: DiskLimits, freeBytes: () => Promise<number>) {
    this.#limits = limits;
    this.#freeBytes = freeBytes;
    this.#pauses = new Backoff(limits.checkMs, limits.maxPauseMs, Math.random);
  }

  /**
   * It took part until its disk was full again. Only when that was for long, what is free tells
   * whether there is room: otherwise something is lacking that the free bytes do not show.
   */
  tookPart(forMs: number): void {
    if (forMs >= this.#limits.maxPauseMs) this.#pauses.reset();
  }

  /**
   * Waits until enough is free, and longer each time that it did not help. Tells `look` what is
   * free, each time that it has looked. False: the signal came first.
   */
  async untilRoom(look: (free: number) => void, signal: AbortSignal): Promise<boolean> {
    let waitMs = this.#pauses.next();
    look(await this.#freeBytes());
    for (;;) {
      await pause(systemClock, waitMs, signal);
      if (signal.aborted) return false;
      const free = await this.#freeBytes();
      look(free);
      if (free >= this.#limits.resumeFreeBytes) return true;
      waitMs = this.#limits.checkMs;
    }
  }
}
