import { type ByteString, byteStringOf } from '../namespace/tree/byte-string.js';
import { EDGE_PREFIX_BYTES, edgeKey, edgePrefix } from '../namespace/tree/edge.js';
import type { DirectoryEntry } from '../namespace/tree/inode-store.js';
import type { Presence } from './inode-cache.js';
import { readInode } from './inode-row.js';
import type { OrderedRows, Row, RowRange } from './ordered-rows.js';
import type { RowReader } from './row-reader.js';

/**
 * Entries of one directory behind a name, in byte order, as they were when the scan was made:
 * the rows as committed, with what the overlay held laid over them.
 */
export class DirectoryScan {
  readonly #range: RowRange;
  readonly #reader: RowReader;
  readonly #overlaid: ReadonlyMap<ByteString, Presence>;
  readonly #limit: number;
  readonly #nextId: number;
  readonly #entries: DirectoryEntry[] = [];

  /** `overlaid`: what hides rows of the same names, written and not committed yet. */
  constructor(
    rows: OrderedRows,
    reader: RowReader,
    overlaid: ReadonlyMap<ByteString, Presence>,
    options: {
      readonly directoryId: number;
      readonly after: ByteString;
      /** Entries to find at most. */
      readonly limit: number;
      readonly fillCache: boolean;
      /** Inode ids from here on were never given. */
      readonly nextId: number;
    },
  ) {
    const { directoryId, after, limit, fillCache, nextId } = options;
    this.#reader = reader;
    this.#overlaid = overlaid;
    this.#limit = limit;
    this.#nextId = nextId;
    this.#range = rows.range({
      gte: Buffer.from(`${edgeKey(directoryId, after)}\0`, 'latin1'),
      lt: Buffer.from(edgePrefix(directoryId + 1), 'latin1'),
      pageRows: limit,
      fillCache,
    });
  }

  /** The entries, read on the calling thread. */
  runSync(): readonly DirectoryEntry[] {
    try {
      while (this.#wantsMore()) this.#take(this.#range.nextPageSync());
      return this.#result();
    } finally {
      this.#range.close();
    }
  }

  /** The entries, without holding up the event loop. */
  async run(signal?: AbortSignal): Promise<readonly DirectoryEntry[]> {
    try {
      while (this.#wantsMore()) this.#take(await this.#range.nextPage(signal));
      return this.#result();
    } finally {
      this.#range.close();
    }
  }

  #wantsMore(): boolean {
    return !this.#range.finished && this.#entries.length < this.#limit;
  }

  #take(rows: readonly Row[]): void {
    for (const row of rows) {
      const name = byteStringOf(row.key, EDGE_PREFIX_BYTES);
      if (this.#overlaid.has(name)) continue;
      this.#entries.push({ name, inode: readInode(this.#reader, row.value, this.#nextId) });
    }
  }

  #result(): readonly DirectoryEntry[] {
    for (const [name, presence] of this.#overlaid) {
      if (presence !== false) this.#entries.push({ name, inode: presence });
    }
    if (this.#overlaid.size > 0) {
      this.#entries.sort((left, right) => (left.name < right.name ? -1 : 1));
    }
    return this.#entries.slice(0, this.#limit);
  }
}
