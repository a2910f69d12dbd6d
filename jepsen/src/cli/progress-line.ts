import type { Progress } from '../run/progress.js';

/** Tells how far something is in one line of a terminal that is written over; elsewhere nothing. */
export class ProgressLine implements Disposable {
  readonly #stream: NodeJS.WriteStream;
  #shown = false;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  show(text: string): void {
    if (!this.#stream.isTTY) return;
    // What runs on into a second line would stay.
    this.#stream.write(`\r\x1b[K${text.slice(0, this.#stream.columns - 1)}`);
    this.#shown = true;
  }

  /** Makes way for other output. */
  clear(): void {
    if (this.#shown) this.#stream.write('\r\x1b[K');
    this.#shown = false;
  }

  [Symbol.dispose](): void {
    this.clear();
  }
}

export function progressText({ phase, phaseMs, ok, fail, info, faults }: Progress): string {
  const seconds = Math.round(phaseMs / 1000);
  return `${phase} ${seconds} s: ${ok} ok, ${fail} failed, ${info} unknown, ${faults} faults`;
}
