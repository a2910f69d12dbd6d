/**
 * Calls to a file system, so many at a time: each blocks a thread of Node's pool for as long as the file system takes,
 * and a dead one takes for ever.
 */
export class FileCalls {
  readonly #parallel: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(parallel: number) {
    this.#parallel = parallel;
  }

  /** Never begins a call that nobody waits for any more. */
  async run<Result>(signal: AbortSignal, call: () => Promise<Result>): Promise<Result> {
    if (this.#running >= this.#parallel) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running++;
    }
    try {
      signal.throwIfAborted();
      return await call();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}
