import type { Clock } from '@raft-ts/net';

/**
 * The log's time, milliseconds since the cluster was founded, as a member that leads would give it
 * to its next entry: the highest seen in the log, and what the monotonic clock has advanced since.
 * A wall clock that jumps does not move it; while no member runs no time passes.
 */
export class LogClock {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  /** Seen in the log, or given to an entry. */
  #highestMs: number;
  /** What the log's time is ahead of the monotonic clock. */
  #offsetMs: number;

  constructor(clock: Pick<Clock, 'monotonicMs'>, highestMs: number) {
    this.#clock = clock;
    this.#highestMs = highestMs;
    this.#offsetMs = highestMs - clock.monotonicMs();
  }

  /** An entry of this time was applied. */
  saw(logTimeMs: number): void {
    if (logTimeMs <= this.#highestMs) return;
    this.#highestMs = logTimeMs;
    this.#offsetMs = logTimeMs - this.#clock.monotonicMs();
  }

  /** The time of the entry that is proposed now; whole milliseconds, never running back. */
  next(): number {
    const nowMs = Math.floor(this.#clock.monotonicMs() + this.#offsetMs);
    this.#highestMs = Math.max(this.#highestMs, nowMs);
    return this.#highestMs;
  }
}
