/** One row: bytes by key. */
export interface Row {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** Which rows a range covers, and how it hands them out. */
export interface RowRangeOptions {
  /** First key, if it is there. */
  readonly gte: Uint8Array;
  /** The range ends before this key. */
  readonly lt: Uint8Array;
  /** Rows in a page at most. */
  readonly pageRows: number;
  /** Keep in memory what is read for it, because it will be read again soon. Default false. */
  readonly fillCache?: boolean;
}

/** Rows in the order of their keys, as they were when the range was made. */
export interface RowRange {
  /** Whether the last page has been handed out. */
  readonly finished: boolean;
  /** The next rows, for which the calling thread may wait for the disk; empty at the end. */
  nextPageSync(): readonly Row[];
  /** The next rows; one call at a time. An abort rejects with the signal's reason. */
  nextPage(signal?: AbortSignal): Promise<readonly Row[]>;
  /** Lets go of what the range holds. Safe to repeat. */
  close(): void;
}

/** Puts and deletes that are written together, in order: all of them or none. Reused. */
export interface RowBatch {
  /** Copies key and value. */
  put(key: Uint8Array, value: Uint8Array): void;
  delete(key: Uint8Array): void;
  /** Afterwards every read sees them. Keeps the contents: call `clear` before the next batch. */
  write(options: { readonly sync: boolean }): void;
  clear(): void;
}

/**
 * Rows in the order of their keys' bytes: what the inode store needs of a database. `RocksDatabase`
 * is one; `MemoryRows` is another, for tests and simulations.
 *
 * After a crash the rows are those of some earlier moment: of all batches up to one, none in part.
 */
export interface OrderedRows extends AsyncDisposable {
  /** The values of `keys`, undefined for one that is not there. May wait for the disk. */
  getManySync(keys: readonly Uint8Array[]): readonly (Buffer | undefined)[];
  /** The same from one moment at or after the call, without holding up the event loop. */
  getMany(
    keys: readonly Uint8Array[],
    signal?: AbortSignal,
  ): Promise<readonly (Buffer | undefined)[]>;
  batch(): RowBatch;
  /**
   * What was written before the call survives the loss of power once this resolves. Does not hold
   * up the event loop.
   */
  sync(): Promise<void>;
  range(options: RowRangeOptions): RowRange;
  close(): Promise<void>;
}
