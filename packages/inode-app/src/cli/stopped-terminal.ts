import { constants, openSync, writeSync } from 'node:fs';
import type { Writable } from 'node:stream';
import type { TerminalStream } from './terminal.js';

/** How often a terminal that takes nothing is tried again, milliseconds. */
const RETRY_MS = 100;

/** A stream that says what waits in it. */
export type UnreadStream = TerminalStream & Pick<Writable, 'writableLength'>;

const terminals = new WeakMap<UnreadStream, UnreadStream>();

/**
 * A standard stream for a process that serves. Node writes to a terminal at once, so that one which is
 * stopped (Ctrl-S) holds up everything: what goes there is written as it takes it. Any other stream,
 * and a terminal that can't be opened a second time, is returned as it is.
 */
export function withoutWaiting(stream: UnreadStream & { readonly fd: number }): UnreadStream {
  if (stream.isTTY !== true) return stream;
  const known = terminals.get(stream);
  if (known !== undefined) return known;
  const terminal = openTerminal(stream, stream.fd);
  terminals.set(stream, terminal);
  return terminal;
}

/** Opened anew: whether writes wait would otherwise change for all who have it open, such as the shell. */
function openTerminal(stream: UnreadStream, fd: number): UnreadStream {
  const flags = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
  try {
    const own = openSync(`/proc/self/fd/${fd}`, flags);
    return new UnhurriedTerminal(stream, (bytes) => writeSync(own, bytes));
  } catch {
    return stream;
  }
}

/** A terminal to which is written as it takes it. */
export class UnhurriedTerminal implements UnreadStream {
  readonly #stream: TerminalStream;
  readonly #write: (bytes: Uint8Array) => number;
  #waiting = Buffer.alloc(0);
  #retry: NodeJS.Timeout | undefined;

  /** `write` takes what there is room for, and throws EAGAIN where there is none. */
  constructor(stream: TerminalStream, write: (bytes: Uint8Array) => number) {
    this.#stream = stream;
    this.#write = write;
  }

  get isTTY(): boolean | undefined {
    return this.#stream.isTTY;
  }

  get columns(): number | undefined {
    return this.#stream.columns;
  }

  /** Bytes that it has not taken. */
  get writableLength(): number {
    return this.#waiting.length;
  }

  write(text: string): void {
    this.#waiting = Buffer.concat([this.#waiting, Buffer.from(text)]);
    if (this.#retry === undefined) this.#attempt();
  }

  #attempt(): void {
    this.#retry = undefined;
    try {
      while (this.#waiting.length > 0) {
        this.#waiting = this.#waiting.subarray(this.#write(this.#waiting));
      }
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') {
        // It keeps no process alive that has nothing else to do.
        this.#retry = setTimeout(() => this.#attempt(), RETRY_MS).unref();
        return;
      }
      // The terminal has gone, and nobody reads this any more.
      this.#waiting = Buffer.alloc(0);
    }
  }
}
