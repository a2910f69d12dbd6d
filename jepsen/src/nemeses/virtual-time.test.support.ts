import { setImmediate } from 'node:timers/promises';

/** Rounds of the event loop in which everything that is under way comes to rest. */
const ROUNDS = 10;

/** Time that passes as soon as all wait for it. */
export class VirtualTime {
  nowMs = 0;
  readonly #timers = new Set<{ readonly atMs: number; readonly fire: () => void }>();

  readonly pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const fire = () => {
        this.#timers.delete(timer);
        signal.removeEventListener('abort', fire);
        resolve();
      };
      const timer = { atMs: this.nowMs + milliseconds, fire };
      if (signal.aborted) resolve();
      else {
        this.#timers.add(timer);
        signal.addEventListener('abort', fire);
      }
    });

  /** Has time pass until this is done. */
  async until<Result>(work: Promise<Result>): Promise<Result> {
    let isDone = false;
    const done = () => {
      isDone = true;
    };
    work.then(done, done);
    while (!isDone) {
      for (let round = 0; round < ROUNDS; round++) await setImmediate();
      if (!isDone) this.#advance();
    }
    return await work;
  }

  #advance(): void {
    const [first] = [...this.#timers].sort((one, other) => one.atMs - other.atMs);
    if (first === undefined) return;
    this.nowMs = Math.max(this.nowMs, first.atMs);
    first.fire();
  }
}
