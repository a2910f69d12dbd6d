import type { Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';

/** Characters gathered before they are written, so that a line does not cost a system call. */
const GATHERED_CHARACTERS = 64 * 1024;

/** Thrown when whoever read the output has gone, as `head` does once it has enough. */
export class OutputClosed extends Error {
  override readonly name = 'OutputClosed';
}

/** Lines to a stream that may be slower than we are, or go away. */
export class Output {
  readonly #stream: Writable;
  #gathered: string[] = [];
  #length = 0;
  #failure: Error | undefined;

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.#failure ??=
        error.code === 'EPIPE'
          ? new OutputClosed('nobody reads')
          : new Error(`the output cannot be written: ${error.message}`, { cause: error });
    });
  }

  /**
   * Adds a line. Returns a promise when the caller has to wait for the reader; it rejects with
   * OutputClosed when nobody reads any more.
   */
  line(text: string): Promise<void> | undefined {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.#gathered.push(text);
    this.#length += text.length + 1;
    return this.#length < GATHERED_CHARACTERS ? undefined : this.flush();
  }

  /** Adds a line about what was done: that it cannot be printed is told by `flush`, at the end. */
  async note(value: unknown): Promise<void> {
    await this.json(value)?.catch(() => {});
  }

  /** Adds a value as one line of JSON. Lone surrogates are written as escapes: nothing is lost. */
  json(value: unknown): Promise<void> | undefined {
    return this.line(JSON.stringify(value));
  }

  /**
   * Writes what came of a command: one line of JSON for programs, or lines for people. It is done,
   * so that nobody reads changes nothing.
   */
  async result(json: boolean | undefined, value: unknown, lines: readonly string[]): Promise<void> {
    try {
      if (json === true) await this.json(value);
      else for (const line of lines) await this.line(line);
      await this.flush();
    } catch (error) {
      if (!(error instanceof OutputClosed)) throw error;
    }
  }

  /** Resolves when everything was handed to the operating system. */
  async flush(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#length === 0) return;
    const text = `${this.#gathered.join('\n')}\n`;
    this.#gathered = [];
    this.#length = 0;
    await new Promise<void>((resolve) => {
      this.#stream.write(text, () => resolve());
    });
    // The stream tells its callback first and its listeners right after.
    await setImmediate();
    if (this.#failure !== undefined) throw this.#failure;
  }
}
