import { Worker } from 'node:worker_threads';

/** Processor time for one input, in milliseconds, after which it is taken to never end. */
const MAX_INPUT_MS = 20_000;
const LOOK_MS = 500;

/*
 * A decoder that does not return holds its thread, so another one has to look. It tells which
 * input it was and ends the process: nothing else can end a loop.
 */
const WATCH = `
const { workerData } = require('node:worker_threads');
const { writeSync } = require('node:fs');
const { progress, what, maxInputMs, lookMs } = workerData;
// All of the process's: a decoder that is kept from running by others uses none.
const usedMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
let seen = -1;
let sinceMs = usedMs();
setInterval(() => {
  const input = Atomics.load(progress, 0);
  if (input !== seen || Atomics.load(progress, 1) === 0) {
    seen = input;
    sinceMs = usedMs();
  } else if (usedMs() - sinceMs > maxInputMs) {
    writeSync(2, what + ': input ' + input + ' has not ended in ' + maxInputMs + ' ms of the processor\\n');
    process.kill(process.pid, 'SIGKILL');
  }
}, lookMs);
`;

/** Ends the process, and says at which input, when one never ends. */
export class Watchdog implements AsyncDisposable {
  readonly #progress = new Int32Array(new SharedArrayBuffer(8));
  readonly #worker: Worker;

  /** `what`: said with the input that never ends. */
  constructor(what: string, { maxInputMs = MAX_INPUT_MS, lookMs = LOOK_MS } = {}) {
    this.#worker = new Worker(WATCH, {
      eval: true,
      execArgv: [],
      workerData: { progress: this.#progress, what, maxInputMs, lookMs },
    });
    this.#worker.unref();
  }

  begins(input: number): void {
    Atomics.store(this.#progress, 0, input);
    Atomics.store(this.#progress, 1, 1);
  }

  ended(): void {
    Atomics.store(this.#progress, 1, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }
}
