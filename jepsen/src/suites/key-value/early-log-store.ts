import { setTimeout as pause } from 'node:timers/promises';
import type { LogState, LogStore, LogWrite } from 'raft-ts';

/** Between what is acknowledged and what is on the device: so long that a loss of power surely finds something. */
const LATE_MS = 500;

/** A bug, for the selftest: a write is acknowledged at once, and is on the device some time later. */
export class EarlyLogStore implements LogStore {
  readonly #log: LogStore;
  #written: Promise<unknown> = Promise.resolve();

  constructor(log: LogStore) {
    this.#log = log;
  }

  get initial(): LogState {
    return this.#log.initial;
  }

  async write(write: LogWrite): Promise<void> {
    const late = pause(LATE_MS);
    this.#written = this.#written.then(() => late).then(() => this.#log.write(write));
    // Whoever reads or closes is told.
    this.#written.catch(() => {});
  }

  async read(...range: Parameters<LogStore['read']>): ReturnType<LogStore['read']> {
    await this.#written;
    return await this.#log.read(...range);
  }

  async close(): Promise<void> {
    await this.#written.catch(() => {});
    await this.#log.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
