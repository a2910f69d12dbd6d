import type { Clock, RpcResponder } from '@raft-ts/net';

/** How long own work pauses between two steps. */
export interface WorkPauses {
  /** Milliseconds, when nobody has asked for anything since the step before. */
  readonly workPauseMs: number;
  /** Milliseconds, when somebody has. */
  readonly busyWorkPauseMs: number;
}

/**
 * Paces what the member itself puts into the log: one step at a time, with a pause between, longer
 * while clients ask for something, so that a step takes little of their time. However a step ends, the next one is asked for after it: what
 * was lost with the lead, or refused, is still wanted.
 */
export class OwnWork {
  readonly #clock: Clock;
  readonly #pauses: WorkPauses;
  /** Submits the next step, if there is one; returns whether there was. */
  readonly #submit: (responder: RpcResponder) => boolean;
  #underWay = false;
  #requested = false;
  #cancelPause: (() => void) | undefined;
  #closed = false;

  constructor(clock: Clock, pauses: WorkPauses, submit: (responder: RpcResponder) => boolean) {
    this.#clock = clock;
    this.#pauses = pauses;
    this.#submit = submit;
  }

  /** Asks for a step unless one is under way or the pause is not over. */
  ask(): void {
    if (this.#closed || this.#underWay || this.#cancelPause !== undefined) return;
    this.#underWay = true;
    const ended = () => this.#ended();
    if (!this.#submit({ done: ended, failed: ended })) this.#underWay = false;
  }

  /** Somebody has asked this member for something. */
  requested(): void {
    this.#requested = true;
  }

  close(): void {
    this.#closed = true;
    this.#cancelPause?.();
    this.#cancelPause = undefined;
  }

  #ended(): void {
    this.#underWay = false;
    if (this.#closed) return;
    const { workPauseMs, busyWorkPauseMs } = this.#pauses;
    const pauseMs = this.#requested ? busyWorkPauseMs : workPauseMs;
    this.#requested = false;
    this.#cancelPause = this.#clock.after(pauseMs, () => {
      this.#cancelPause = undefined;
      this.ask();
    });
  }
}
