import type { Progress } from '../run/progress.js';

/** Tells how far a test is in one line of a terminal that is written over; elsewhere nothing. */
export class ProgressLine implements Disposable {
  readonly #stream: NodeJS.WriteStream;
  #shown = false;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  show({ phase, phaseMs, ok, fail, info, faults }: Progress): void {
    if (!this.#stream.isTTY) return;
    const seconds = Math.round(phaseMs / 1000);
    const calls = `${ok} ok, ${fail} failed, ${info} unknown`;
    this.#stream.write(`\r\x1b[K${phase} ${seconds} s: ${calls}, ${faults} faults`);
    this.#shown = true;
  }

  [Symbol.dispose](): void {
    if (this.#shown) this.#stream.write('\r\x1b[K');
    this.#shown = false;
  }
}
