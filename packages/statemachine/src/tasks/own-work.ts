import type { Clock } from '@raft-ts/net';

/**
 * Paces what the member itself puts into the log: one step at a time, with a pause between, so
 * that clients' commands find room.
 */
export class OwnWork {
  readonly #clock: Clock;
  readonly #pauseMs: number;
  /** Submits the next step, if there is one; returns whether there was. */
  readonly #submit: () => boolean;
  #underWay = false;
  #cancelPause: (() => void) | undefined;

  constructor(clock: Clock, pauseMs: number, submit: () => boolean) {
    this.#clock = clock;
    this.#pauseMs = pauseMs;
    this.#submit = submit;
  }

  /** Asks for a step unless one is under way or the pause is not over. */
  ask(): void {
    if (this.#underWay || this.#cancelPause !== undefined) return;
    this.#underWay = this.#submit();
  }

  /** The step was carried out. */
  done(): void {
    this.#underWay = false;
    this.#cancelPause?.();
    this.#cancelPause = this.#clock.after(this.#pauseMs, () => {
      this.#cancelPause = undefined;
      this.ask();
    });
  }

  /** The step is lost, with the lead: whoever leads next goes on. */
  reset(): void {
    this.#underWay = false;
    this.#cancelPause?.();
    this.#cancelPause = undefined;
  }
}
