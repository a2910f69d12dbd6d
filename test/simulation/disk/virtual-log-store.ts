import { type Entry, type LogState, type LogStore, type LogWrite, RaftError } from 'raft-ts';
import type { VirtualProcess } from '../process.js';

/** Where a log lies. */
export interface LogDevice {
  write(write: LogWrite, resolve: () => void, reject: (error: RaftError) => void): void;
  /** Whether these entries are durable, and no write under way takes their place. */
  readable(first: number, last: number): boolean;
  read(
    first: number,
    last: number,
    maxBytes: number,
    resolve: (entries: Entry[]) => void,
    reject: (error: RaftError) => void,
  ): void;
  /** Calls back once all that was handed over is written. */
  close(closed: () => void): void;
}

/** The log store of one life of a member, over its disk. */
export class VirtualLogStore implements LogStore {
  readonly initial: LogState;
  readonly #disk: LogDevice;
  readonly #process: VirtualProcess;
  #closed = false;
  /** The first failure; nothing is written after it. */
  #failure: RaftError | undefined;

  constructor(disk: LogDevice, process: VirtualProcess, initial: LogState) {
    this.#disk = disk;
    this.#process = process;
    this.initial = initial;
  }

  write(write: LogWrite): Promise<void> {
    if (this.#closed) return Promise.reject(closedError());
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      if (this.#process.ended) return;
      this.#disk.write(write, resolve, (error) => {
        this.#failure ??= error;
        reject(error);
      });
    });
  }

  read(first: number, last: number, maxBytes: number): Promise<Entry[]> {
    if (this.#closed) return Promise.reject(closedError());
    const unavailable = () =>
      new RaftError('LOG_UNAVAILABLE', `entries ${first}..${last} are not in this log`);
    if (!this.#disk.readable(first, last)) return Promise.reject(unavailable());
    return new Promise((resolve, reject) => {
      this.#disk.read(
        first,
        last,
        maxBytes,
        (entries) => {
          if (entries.length > 0) resolve(entries);
          else reject(unavailable());
        },
        reject,
      );
    });
  }

  close(): Promise<void> {
    this.#closed = true;
    return new Promise((resolve) => this.#disk.close(resolve));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function closedError(): RaftError {
  return new RaftError('LOG_CLOSED', 'this log is closed');
}
