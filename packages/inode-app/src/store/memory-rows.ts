import type { OrderedRows, Row, RowBatch, RowRange, RowRangeOptions } from './ordered-rows.js';

/** What is at a key, or is to be there: a row, or none. */
interface Place {
  readonly key: string;
  readonly row: Row | undefined;
}

/**
 * Rows in the heap, for tests and simulations. `flush` makes durable what was written; `crash`
 * takes back batches that were not, newest first, as a loss of power would.
 */
export class MemoryRows implements OrderedRows {
  // Sorted. A character of a key stands for a byte, so strings compare as the bytes do.
  readonly #keys: string[] = [];
  readonly #rows = new Map<string, Row>();
  /** For each batch that is not flushed, what was there before. */
  #undo: Place[][] = [];

  get size(): number {
    return this.#keys.length;
  }

  flush(): void {
    this.#undo = [];
  }

  /** Loses all but the first `survivors` of the batches that are not flushed. */
  crash(survivors: number): void {
    const lost = this.#undo.splice(survivors);
    for (const batch of lost.reverse()) {
      for (const { key, row } of batch.reverse()) this.#replace(key, row);
    }
    this.flush();
  }

  /** Every row as text (one character a byte), to compare two stores. */
  dump(): readonly (readonly [key: string, value: string])[] {
    return this.#keys.map((key) => [key, this.#rows.get(key)?.value.toString('latin1') ?? '']);
  }

  getManySync(keys: readonly Uint8Array[]): readonly (Buffer | undefined)[] {
    return keys.map((key) => this.#rows.get(textOf(key))?.value);
  }

  async getMany(
    keys: readonly Uint8Array[],
    signal?: AbortSignal,
  ): Promise<readonly (Buffer | undefined)[]> {
    signal?.throwIfAborted();
    const values = this.getManySync(keys);
    await Promise.resolve();
    signal?.throwIfAborted();
    return values;
  }

  batch(): RowBatch {
    let writes: Place[] = [];
    return {
      put: (key, value) => {
        const row = { key: Buffer.from(key), value: Buffer.from(value) };
        writes.push({ key: textOf(key), row });
      },
      delete: (key) => {
        writes.push({ key: textOf(key), row: undefined });
      },
      write: ({ sync }) => {
        this.#undo.push(writes.map(({ key, row }) => ({ key, row: this.#replace(key, row) })));
        if (sync) this.flush();
      },
      clear: () => {
        writes = [];
      },
    };
  }

  range({ gte, lt, pageRows }: RowRangeOptions): RowRange {
    const keys = this.#keys.slice(this.#position(textOf(gte)), this.#position(textOf(lt)));
    const rows = keys.flatMap((key) => this.#rows.get(key) ?? []);
    const nextPageSync = () => rows.splice(0, pageRows);
    return {
      get finished() {
        return rows.length === 0;
      },
      nextPageSync,
      nextPage: async (signal) => {
        signal?.throwIfAborted();
        await Promise.resolve();
        return nextPageSync();
      },
      close: () => {},
    };
  }

  async sync(): Promise<void> {
    this.flush();
  }

  async close(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}

  /** Puts or (undefined) deletes a row; what was there before. */
  #replace(key: string, row: Row | undefined): Row | undefined {
    const before = this.#rows.get(key);
    if (row !== undefined) {
      if (before === undefined) this.#keys.splice(this.#position(key), 0, key);
      this.#rows.set(key, row);
    } else if (before !== undefined) {
      this.#keys.splice(this.#position(key), 1);
      this.#rows.delete(key);
    }
    return before;
  }

  /** Where the first key that is not below `key` stands. */
  #position(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#keys[middle] ?? '') < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
