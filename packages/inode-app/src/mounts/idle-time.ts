import type { Clock } from '@raft-ts/net';

/** Aborts a signal when nothing has happened for some time. */
export class IdleTime {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #reason: () => Error;
  readonly #controller = new AbortController();
  #cancel: () => void = () => {};

  /** Begins at once. */
  constructor(clock: Clock, limitMs: number, reason: () => Error) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#reason = reason;
    this.begin();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Something has happened: from now on. */
  begin(): void {
    this.#cancel();
    this.#cancel = this.#clock.after(this.#limitMs, () => this.#controller.abort(this.#reason()));
  }

  end(): void {
    this.#cancel();
  }
}
