import type { Clock } from '@raft-ts/net';

/**
 * The log's time, milliseconds since the cluster was founded, as a member that leads would give it
 * to its next entry: the highest seen in the log, and what the monotonic clock has advanced since.
 * A wall clock that jumps does not move it. No time passes while no leader is known, and while no
 * member runs: clients can't show then that they are there, so nothing of theirs may expire by it.
 */
export class LogClock {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  /** Seen in the log, or given to an entry. */
  #highestMs: number;
  /** What the log's time is ahead of the monotonic clock, while it passes. */
  #offsetMs: number;
  /** Where it stands, while it does. */
  #stoodAtMs: number | undefined;

  constructor(clock: Pick<Clock, 'monotonicMs'>, highestMs: number) {
    this.#clock = clock;
    this.#highestMs = highestMs;
    this.#offsetMs = highestMs - clock.monotonicMs();
  }

  /** Whether time passes from now on. */
  set passes(passes: boolean) {
    const nowMs = this.#nowMs();
    this.#stoodAtMs = passes ? undefined : nowMs;
    this.#offsetMs = nowMs - this.#clock.monotonicMs();
  }

  /** An entry of this time was applied. */
  saw(logTimeMs: number): void {
    if (logTimeMs <= this.#highestMs) return;
    this.#highestMs = logTimeMs;
    this.#offsetMs = logTimeMs - this.#clock.monotonicMs();
    if (this.#stoodAtMs !== undefined) this.#stoodAtMs = logTimeMs;
  }

  #nowMs(): number {
    return this.#stoodAtMs ?? this.#clock.monotonicMs() + this.#offsetMs;
  }

  /** The time of the entry that is proposed now; whole milliseconds, never running back. */
  next(): number {
    const nowMs = Math.floor(this.#nowMs());
    this.#highestMs = Math.max(this.#highestMs, nowMs);
    return this.#highestMs;
  }
}
