import type { VirtualTime } from './time.js';

/** Where virtual wall clocks start: 2026-01-01. */
const WALL_START_MS = 1_767_225_600_000;

/**
 * How far the rate of a member's clock may be from that of time, as a share of it. It bounds what
 * leases may rest on.
 */
export const MAX_CLOCK_DRIFT = 0.05;

/** The clock of a machine: it may run fast or slow, and its wall time may be set. */
export class MachineClock {
  readonly #time: VirtualTime;
  #rate = 1;
  /** What it showed, monotonic, when its rate was set last, and when that was. */
  #shownMs = 0;
  #setAtMs = 0;
  #wallOffsetMs: number;

  constructor(time: VirtualTime, wallOffsetMs = 0) {
    this.#time = time;
    this.#wallOffsetMs = wallOffsetMs;
  }

  /** How many milliseconds it counts in one. */
  get rate(): number {
    return this.#rate;
  }

  setRate(rate: number): void {
    this.#shownMs = this.monotonicMs();
    this.#setAtMs = this.#time.nowMs;
    this.#rate = rate;
  }

  /** Sets the wall clock forward, or back. */
  jump(ms: number): void {
    this.#wallOffsetMs += ms;
  }

  monotonicMs(): number {
    return this.#shownMs + (this.#time.nowMs - this.#setAtMs) * this.#rate;
  }

  wallMs(): number {
    return Math.floor(WALL_START_MS + this.monotonicMs() + this.#wallOffsetMs);
  }
}
