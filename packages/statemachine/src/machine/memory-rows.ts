/**
 * Rows in memory, sorted by key when listed; a batch is written wholly or not at all. It stands
 * for a disk: a machine that is made anew on the same rows finds what was committed. Nothing
 * outlives the process.
 */
export class MemoryRows {
  /** By the key's bytes as characters, which sort alike. */
  readonly #rows = new Map<string, Uint8Array>();

  get size(): number {
    return this.#rows.size;
  }

  get(key: string): Uint8Array | undefined {
    return this.#rows.get(key);
  }

  /** `undefined` deletes. */
  write(batch: Iterable<readonly [key: string, value: Uint8Array | undefined]>): void {
    for (const [key, value] of batch) {
      if (value === undefined) this.#rows.delete(key);
      else this.#rows.set(key, value);
    }
  }

  /** Rows whose key begins with `prefix` and is above `after`, in order. */
  list(prefix: string, after: string = ''): (readonly [string, Uint8Array])[] {
    const found: (readonly [string, Uint8Array])[] = [];
    for (const [key, value] of this.#rows) {
      if (key.startsWith(prefix) && key > after) found.push([key, value]);
    }
    return found.sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** Another one with the same rows, as they are now. */
  copy(): MemoryRows {
    const copy = new MemoryRows();
    copy.write(this.#rows);
    return copy;
  }
}
