import type { Random } from '../random.js';
import { pause } from './pause.js';

/** Says when a client calls next: around a mean, and at once where it is late, by one turn at most. */
export class Pace {
  readonly #random: Random;
  readonly #meanMs: number;
  #dueMs: number;

  constructor(random: Random, meanMs: number) {
    this.#random = random;
    this.#meanMs = meanMs;
    this.#dueMs = performance.now() + random.fraction() * meanMs;
  }

  async turn(signal: AbortSignal): Promise<void> {
    const nowMs = performance.now();
    if (this.#dueMs > nowMs) await pause(this.#dueMs - nowMs, signal);
    this.#dueMs =
      Math.max(this.#dueMs, nowMs - this.#meanMs) + this.#random.exponential(this.#meanMs);
  }
}
