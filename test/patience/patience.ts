import { machineLoad, slowdown } from './slowdown.js';

/** Milliseconds between two looks at whether something goes on. */
export const LOOK_MS = 250;
/** What passes between two looks counts up to this: who was stopped meanwhile has not waited. */
const MAX_BETWEEN_LOOKS_MS = 4 * LOOK_MS;

/**
 * How long something may go on without progress, in milliseconds of an idle machine: on a busy one
 * time passes more slowly, so that only what hangs runs out of it.
 */
export class Patience {
  readonly #limitMs: number;
  readonly #slowdown: () => number;
  #spentMs = 0;
  #lookedMs: number;

  constructor(limitMs: number, nowMs: number, slowdownNow = () => slowdown(machineLoad())) {
    this.#limitMs = limitMs;
    this.#lookedMs = nowMs;
    this.#slowdown = slowdownNow;
  }

  /** There was progress. */
  renew(): void {
    this.#spentMs = 0;
  }

  /** Whether it is at its end. To be asked every `LOOK_MS`: what lies between two looks is bounded. */
  isOver(nowMs: number): boolean {
    const passedMs = Math.min(nowMs - this.#lookedMs, MAX_BETWEEN_LOOKS_MS);
    this.#lookedMs = nowMs;
    this.#spentMs += passedMs / this.#slowdown();
    return this.#spentMs > this.#limitMs;
  }
}
