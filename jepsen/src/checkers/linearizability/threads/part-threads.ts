import { Worker } from 'node:worker_threads';
import type { EffectiveOperation } from '../../../histories/operation.js';
import type { PartLimits, PartResult } from '../part-result.js';
import type { ModelSource, PartRequest } from './messages.js';

/** Above what a search itself remembers: for the operations, their copies and the program. */
const HEAP_BESIDE_MEGABYTES = 512;
const MEGABYTE = 1024 * 1024;
/** A thread ends by itself when its time is over; one that does not within this time more is ended. */
const GRACE_MS = 2_000;

/** One thread that checks parts of a history, one at a time. */
export class PartThread implements AsyncDisposable {
  readonly #source: ModelSource;
  readonly #maxMemoryBytes: number;
  #worker: Worker | undefined;

  /** The thread starts with the first part. */
  constructor(source: ModelSource, maxMemoryBytes: number) {
    this.#source = source;
    this.#maxMemoryBytes = maxMemoryBytes;
  }

  /**
   * @returns unknown where the signal is aborted, or the thread ran out of memory
   * @throws what the model throws
   */
  async check<Input, Output>(
    operations: readonly EffectiveOperation<Input, Output>[],
    limits: PartLimits,
    signal: AbortSignal,
  ): Promise<PartResult<Input, Output>> {
    if (signal.aborted) return gaveUp('aborted');
    const worker = this.#start();
    const result = new Promise<PartResult<Input, Output>>((resolve, reject) => {
      const late = setTimeout(() => end('time'), limits.maxDurationMs + GRACE_MS);
      const abort = () => end('aborted');
      const end = (reason: 'time' | 'aborted') => settle(() => resolve(gaveUp(reason)), true);
      const settle = (tell: () => void, isLost: boolean) => {
        clearTimeout(late);
        signal.removeEventListener('abort', abort);
        worker.removeAllListeners();
        if (isLost) this.#worker = undefined;
        // What a thread that is being ended still says is of no interest.
        if (isLost) worker.on('error', () => {}).terminate();
        tell();
      };
      signal.addEventListener('abort', abort);
      worker.once('message', (answer: PartResult<Input, Output>) =>
        settle(() => resolve(answer), false),
      );
      worker.once('error', (error: NodeJS.ErrnoException) =>
        settle(() => {
          if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') resolve(gaveUp('memory'));
          else reject(error);
        }, true),
      );
    });
    const request: PartRequest = { operations, limits };
    worker.postMessage(request);
    return await result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  #start(): Worker {
    const heapMegabytes = HEAP_BESIDE_MEGABYTES + this.#maxMemoryBytes / MEGABYTE;
    this.#worker ??= new Worker(new URL('./part-worker.js', import.meta.url), {
      workerData: this.#source,
      resourceLimits: { maxOldGenerationSizeMb: Math.ceil(heapMegabytes) },
      // Nothing that this process was started with, such as an inspector, concerns it.
      execArgv: [],
    });
    return this.#worker;
  }
}

function gaveUp(reason: 'time' | 'memory' | 'aborted') {
  return {
    steps: 0,
    peakMemoryBytes: 0,
    verdict: 'unknown',
    reason,
    reachedAt: undefined,
  } as const;
}
