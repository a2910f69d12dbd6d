import type { LogOutline } from '../log-outline.js';
import { decodeOutline } from './outline-codec.js';

/** What an outline lies in, beside the log. Nothing is lost with it: what it tells stands in the entries, too. */
export interface OutlineStorage {
  /** Undefined where nothing can be read. */
  read(): Buffer | undefined;
  /** Takes the place of what is there, if it can; need not survive the loss of power. */
  write(bytes: Uint8Array): void;
  remove(): void;
}

/** The outline of a log as it is kept. */
export class OutlineFile {
  readonly #storage: OutlineStorage;

  constructor(storage: OutlineStorage) {
    this.#storage = storage;
  }

  /** Undefined where there is none, or none that can be believed. */
  read(): LogOutline | undefined {
    const bytes = this.#storage.read();
    return bytes && decodeOutline(bytes);
  }

  /** As it was encoded. */
  write(bytes: Uint8Array): void {
    this.#storage.write(bytes);
  }

  /** The log is damaged: whoever opens it next reads all of it. */
  remove(): void {
    this.#storage.remove();
  }
}
