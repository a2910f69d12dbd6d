import { abortable } from '@raft-ts/net';
import {
  bytes,
  completeOptions,
  type OptionsForm,
  optional,
  wholeNumber,
  yesOrNo,
} from '@raft-ts/net/options';
import { optionsInvalid, RaftError } from '../errors.js';
import type { NativeRows } from './native-binding.js';

/** A page ends after so many rows, or once it holds so many bytes of keys and values. */
const DEFAULT_PAGE_ROWS = 1000;
const DEFAULT_PAGE_BYTES = 1024 * 1024;

/** The binding takes no higher number. */
const MAX_PAGE = 2 ** 31 - 1;
const rangeDefaults = {
  keys: true,
  pageRows: DEFAULT_PAGE_ROWS,
  pageBytes: DEFAULT_PAGE_BYTES,
  fillCache: false,
};

export interface RangeOptions {
  /** Lower bound, included. */
  readonly gte?: Uint8Array;
  /** Upper bound, left out. */
  readonly lt?: Uint8Array;
  /** False: rows have an empty key, which saves some 40 % of the cost of a scan. Default true. */
  readonly keys?: boolean;
  /** Default 1,000. */
  readonly pageRows?: number;
  /** Default 1 MiB. The row that exceeds it still belongs to the page. 0 to 2^31 - 1. */
  readonly pageBytes?: number;
  /** Whether blocks read from files go into the block cache. Default false. */
  readonly fillCache?: boolean;
}

const rangeOptionsForm: OptionsForm<RangeOptions, typeof rangeDefaults> = {
  fields: {
    gte: optional(bytes),
    lt: optional(bytes),
    keys: yesOrNo,
    pageRows: wholeNumber(1, MAX_PAGE),
    pageBytes: wholeNumber(0, MAX_PAGE),
    fillCache: yesOrNo,
  },
  defaults: rangeDefaults,
};

/** The options with the defaults of what is not given; throws OPTIONS_INVALID. */
export function completeRangeOptions(options: RangeOptions) {
  return completeOptions(rangeOptionsForm, options, optionsInvalid);
}

const NO_KEY = Buffer.alloc(0);

export interface RocksRow {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** What a range needs of its database. */
export interface RangeSource {
  nextPageSync(): NativeRows;
  /** Settles only when the binding has let go of the iterator. */
  nextPage(): Promise<NativeRows>;
  release(): void;
}

/** Rows in the order of their keys, from the moment the range was made. One page at a time. */
export class RocksRange implements Disposable {
  readonly #source: RangeSource;
  #finished = false;
  #busy = false;
  #closed = false;

  /** Made by `RocksDatabase.range`. */
  constructor(source: RangeSource) {
    this.#source = source;
  }

  /** Whether the last page has been handed out. */
  get finished(): boolean {
    return this.#finished;
  }

  /** The next rows, read on the calling thread; empty at the end. */
  nextPageSync(): readonly RocksRow[] {
    this.#assertUsable();
    return this.#finished ? [] : this.#take(this.#source.nextPageSync());
  }

  /**
   * The next rows, read on a thread of libuv's pool; empty at the end. An abort rejects with the
   * signal's reason and closes the range, since the page it would have had is lost.
   */
  async nextPage(signal?: AbortSignal): Promise<readonly RocksRow[]> {
    this.#assertUsable();
    signal?.throwIfAborted();
    if (this.#finished) return [];
    this.#busy = true;
    const page = this.#source.nextPage().finally(() => this.#pageEnded());
    try {
      return this.#take(await abortable(page, signal));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Lets go of the files it pins, at once or when the page being read ends. Safe to repeat. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (!this.#busy) this.#source.release();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #pageEnded(): void {
    this.#busy = false;
    if (this.#closed) this.#source.release();
  }

  #assertUsable(): void {
    if (this.#closed) throw new RaftError('DATABASE_CLOSED', 'this range is closed');
    if (this.#busy) throw new RaftError('OPTIONS_INVALID', 'a page of this range is being read');
  }

  #take(page: NativeRows): readonly RocksRow[] {
    const rows: RocksRow[] = [];
    for (let i = 0; i + 1 < page.rows.length; i += 2) {
      const value = page.rows[i + 1];
      if (value !== undefined) rows.push({ key: page.rows[i] ?? NO_KEY, value });
    }
    this.#finished = page.finished;
    return rows;
  }
}
