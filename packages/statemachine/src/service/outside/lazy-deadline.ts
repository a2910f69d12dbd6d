import type { Deadline } from './outside-work.js';

/** Makes its signal when somebody looks at it: most commands and queries end without. */
export class LazyDeadline implements Deadline {
  readonly deadlineMs: number;
  #controller: AbortController | undefined;
  #ended: { readonly reason: Error } | undefined;

  constructor(deadlineMs: number) {
    this.deadlineMs = deadlineMs;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#ended !== undefined) this.#controller.abort(this.#ended.reason);
    }
    return this.#controller.signal;
  }

  /** Nobody waits any more. */
  end(reason: Error): void {
    if (this.#ended !== undefined) return;
    this.#ended = { reason };
    this.#controller?.abort(reason);
  }
}
