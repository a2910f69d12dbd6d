import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { HangMessage, HangWatchData, WatchMessage } from './watch-messages.js';

const WORKER = fileURLToPath(new URL('./hang-watch-worker.js', import.meta.url));

/** How long a task may go without progress before it is taken to hang, in ms of an idle machine. */
export const MAX_QUIET_MS = 60_000;
/** How long it then has to end before its process is ended. */
const GRACE_MS = 5_000;

export interface HangWatchOptions {
  readonly maxQuietMs?: number;
  readonly graceMs?: number;
  /** A file that gets a line, its name, for each task that hung. */
  readonly record?: string | undefined;
}

/** A task was given up because it went without progress for too long. */
export class TimedOut extends Error {
  constructor(name: string) {
    super(`timed out: ${name} goes on and makes no progress`);
    this.name = 'TimedOut';
  }
}

/**
 * Ends tasks that hang, and says which. The watch is kept by another thread: it sees loops that
 * never return too, and ends their process, since nothing else ends those.
 */
export class HangWatch implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #running = new Map<number, () => void>();
  #tasks = 0;

  constructor({ maxQuietMs = MAX_QUIET_MS, graceMs = GRACE_MS, record }: HangWatchOptions = {}) {
    const workerData: HangWatchData = { maxQuietMs, graceMs, record };
    this.#worker = new Worker(WORKER, { workerData, execArgv: [] });
    this.#worker.unref();
    this.#worker.on('message', ({ task }: HangMessage) => this.#running.get(task)?.());
  }

  /** Runs `work`; rejects with `TimedOut` when it hangs. */
  async run<T>(name: string, work: () => T | PromiseLike<T>): Promise<T> {
    this.#tasks += 1;
    const task = this.#tasks;
    const hung = new Promise<never>((_, reject) => {
      this.#running.set(task, () => reject(new TimedOut(name)));
    });
    this.#tell({ kind: 'begin', task, name });
    try {
      return await Promise.race([work(), hung]);
    } finally {
      this.#running.delete(task);
      this.#tell({ kind: 'end', task });
    }
  }

  /** What runs makes progress. */
  progress(): void {
    this.#tell({ kind: 'progress' });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }

  #tell(message: WatchMessage): void {
    this.#worker.postMessage(message);
  }
}
