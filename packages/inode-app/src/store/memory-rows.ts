import type { OrderedRows, Row, RowBatch, RowRange, RowRangeOptions } from './ordered-rows.js';

/** What to do to undo one put or delete: `row` was there before, or none. */
interface Undo {
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
  #undo: Undo[][] = [];

  /** Batches written since the last flush. */
  get unflushedBatches(): number {
    return this.#undo.length;
  }

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
    let writes: Row[] = [];
    let deletes = new Set<Row>();
    return {
      put: (key, value) => {
        writes.push({ key: Buffer.from(key), value: Buffer.from(value) });
      },
      delete: (key) => {
        const row = { key: Buffer.from(key), value: Buffer.alloc(0) };
        writes.push(row);
        deletes.add(row);
      },
      write: ({ sync }) => {
        this.#undo.push(
          writes.map((row) => {
            const key = textOf(row.key);
            return { key, row: this.#replace(key, deletes.has(row) ? undefined : row) };
          }),
        );
        if (sync) this.flush();
      },
      clear: () => {
        writes = [];
        deletes = new Set();
      },
    };
  }

  range(options: RowRangeOptions): RowRange {
    const keys = this.#keys.slice(
      this.#position(textOf(options.gte)),
      this.#position(textOf(options.lt)),
    );
    const rows = keys.flatMap((key) => this.#rows.get(key) ?? []);
    return new MemoryRange(rows, options.pageRows);
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

class MemoryRange implements RowRange {
  readonly #rows: readonly Row[];
  readonly #pageRows: number;
  #position = 0;

  constructor(rows: readonly Row[], pageRows: number) {
    this.#rows = rows;
    this.#pageRows = pageRows;
  }

  get finished(): boolean {
    return this.#position >= this.#rows.length;
  }

  nextPageSync(): readonly Row[] {
    const page = this.#rows.slice(this.#position, this.#position + this.#pageRows);
    this.#position += page.length;
    return page;
  }

  async nextPage(signal?: AbortSignal): Promise<readonly Row[]> {
    signal?.throwIfAborted();
    await Promise.resolve();
    return this.nextPageSync();
  }

  close(): void {}
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
