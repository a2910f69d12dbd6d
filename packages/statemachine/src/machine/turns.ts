import type { Clock } from '@raft-ts/net';

/** Milliseconds that something which takes long has the event loop for itself. */
const TURN_MS = 2;

/** Something that takes long, and gives others their turns on the event loop. */
export class Turns {
  readonly #clock: Pick<Clock, 'monotonicMs' | 'afterInput'>;
  #beganMs: number;

  constructor(clock: Pick<Clock, 'monotonicMs' | 'afterInput'>) {
    this.#clock = clock;
    this.#beganMs = clock.monotonicMs();
  }

  /** Waits for another turn, if this one is over. */
  async pass(): Promise<void> {
    if (this.#clock.monotonicMs() - this.#beganMs < TURN_MS) return;
    await new Promise<void>((resolve) => {
      this.#clock.afterInput(resolve);
    });
    this.#beganMs = this.#clock.monotonicMs();
  }
}
