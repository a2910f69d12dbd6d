import type { Clock, RpcResponder } from '@raft-ts/net';

/**
 * Paces what the member itself puts into the log: one step at a time, with a pause between, so
 * that clients' commands find room. However a step ends, the next one is asked for after it: what
 * was lost with the lead, or refused, is still wanted.
 */
export class OwnWork {
  readonly #clock: Clock;
  readonly #pauseMs: number;
  /** Submits the next step, if there is one; returns whether there was. */
  readonly #submit: (responder: RpcResponder) => boolean;
  #underWay = false;
  #cancelPause: (() => void) | undefined;
  #closed = false;

  constructor(clock: Clock, pauseMs: number, submit: (responder: RpcResponder) => boolean) {
    this.#clock = clock;
    this.#pauseMs = pauseMs;
    this.#submit = submit;
  }

  /** Asks for a step unless one is under way or the pause is not over. */
  ask(): void {
    if (this.#closed || this.#underWay || this.#cancelPause !== undefined) return;
    this.#underWay = true;
    const ended = () => this.#ended();
    if (!this.#submit({ done: ended, failed: ended })) this.#underWay = false;
  }

  close(): void {
    this.#closed = true;
    this.#cancelPause?.();
    this.#cancelPause = undefined;
  }

  #ended(): void {
    this.#underWay = false;
    if (this.#closed) return;
    this.#cancelPause = this.#clock.after(this.#pauseMs, () => {
      this.#cancelPause = undefined;
      this.ask();
    });
  }
}
