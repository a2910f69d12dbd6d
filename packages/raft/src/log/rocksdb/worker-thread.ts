import { Worker } from 'node:worker_threads';
import { messageOf } from '../../rocksdb/caught-error.js';

/** A thread with typed messages, whose end is noticed whatever its cause. */
export class WorkerThread<Request, Answer> {
  readonly #worker: Worker;
  /** Whoever owns the thread listens here; may be replaced. */
  onMessage: (answer: Answer) => void = () => undefined;
  /** Called once when the thread ends, asked to or not. */
  onEnd: (reason: string) => void = () => undefined;
  /** Resolves when the thread is gone. */
  readonly ended: Promise<void>;

  constructor(module: URL, data: unknown) {
    this.#worker = new Worker(module, { workerData: data, ...inheritedOptions() });
    let reason: string | undefined;
    this.#worker.on('message', (answer: Answer) => this.onMessage(answer));
    this.#worker.on('error', (error) => {
      reason = messageOf(error);
    });
    this.ended = new Promise((resolve) => {
      this.#worker.once('exit', (code) => {
        this.onEnd(reason ?? `it exited with code ${code}`);
        resolve();
      });
    });
  }

  post(request: Request): void {
    this.#worker.postMessage(request);
  }

  /** Ends the thread without letting it finish, and waits for it. */
  async terminate(): Promise<void> {
    await this.#worker.terminate();
    await this.ended;
  }
}

/** A thread takes over the process's options, but can't start with one that is about `--eval`. */
function inheritedOptions(): { readonly execArgv?: string[] } {
  const evaluated = process.execArgv.some((option) => option.startsWith('--input-type'));
  return evaluated ? { execArgv: [] } : {};
}
