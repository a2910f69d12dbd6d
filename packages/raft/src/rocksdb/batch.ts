import type { NativeBatch, NativeBinding } from './native-binding.js';

/** Puts and deletes that are written together: all of them or none. Reusable. */
export class RocksBatch {
  readonly #binding: NativeBinding;
  readonly #batch: NativeBatch;
  readonly #write: (sync: boolean) => void;

  /** Made by `RocksDatabase.batch`. */
  constructor(binding: NativeBinding, batch: NativeBatch, write: (sync: boolean) => void) {
    this.#binding = binding;
    this.#batch = batch;
    this.#write = write;
  }

  /** Copies `key` and `value`. */
  put(key: Uint8Array, value: Uint8Array): void {
    this.#binding.batch_put(this.#batch, key, value, undefined);
  }

  delete(key: Uint8Array): void {
    this.#binding.batch_del(this.#batch, key, undefined);
  }

  /**
   * Writes on the calling thread and keeps the batch's contents: call `clear` before the next.
   * Without `sync` the write survives the end of the process, not the loss of power. After a
   * failure the database may refuse all further writes.
   */
  write(options: { readonly sync: boolean }): void {
    this.#write(options.sync);
  }

  clear(): void {
    this.#binding.batch_clear(this.#batch);
  }
}
