/** The store that holds a log's rows, as far as a log needs it; a RocksDatabase is one. */
export interface LogRows {
  /** The values of `keys`, in their order; undefined for a key that is not there. */
  getManySync(keys: readonly Uint8Array[]): (Buffer | undefined)[];
  /** The rows between two bounds as they are now, in the order of their keys' bytes. */
  range(options: LogRowRange): LogRowPages;
  /**
   * Deletes the rows from `first` up to, not including, `end`; survives the loss of power once a
   * later batch is synced.
   */
  deleteRange(first: Uint8Array, end: Uint8Array): void;
}

export interface LogRowRange {
  /** Lower bound, included. */
  readonly gte: Uint8Array;
  /** Upper bound, left out. */
  readonly lt: Uint8Array;
  /** False: rows have an empty key. Default true. */
  readonly keys?: boolean;
  /** A page ends after so many rows, or once it holds so many bytes. */
  readonly pageRows?: number;
  readonly pageBytes?: number;
  /** Whether what is read is worth remembering. */
  readonly fillCache?: boolean;
}

/** Rows of a range, one page after the other. */
export interface LogRowPages extends Disposable {
  /** Whether the last page has been handed out. */
  readonly finished: boolean;
  /** The next rows; empty at the end. */
  nextPageSync(): readonly { readonly key: Buffer; readonly value: Buffer }[];
}

/** Puts and deletes that are written together: all of them or none. Reusable. */
export interface LogRowBatch {
  /** Copies `key` and `value`. */
  put(key: Uint8Array, value: Uint8Array): void;
  delete(key: Uint8Array): void;
  /** Makes all of it durable, and keeps it: call `clear` before the next. */
  write(options: { readonly sync: true }): void;
  clear(): void;
}
