import { type ByteString, byteStringOf } from '../namespace/tree/byte-string.js';
import { EDGE_PREFIX_BYTES, edgeKey, edgePrefix } from '../namespace/tree/edge.js';
import type { DirectoryEntry } from '../namespace/tree/inode-store.js';
import type { Presence } from './inode-cache.js';
import { readInode } from './inode-row.js';
import type { OrderedRows, Row, RowRange } from './ordered-rows.js';
import type { RowReader } from './row-reader.js';
import { isStartRow } from './start-row.js';

/**
 * Entries of one directory behind a name, in byte order, as they were when the scan was made:
 * the rows as committed, with what the overlay held laid over them.
 *
 * The database keeps a record of each row deleted, for long, and passes them one by one; it looks for the
 * first row of a range on the calling thread, and for the others where the pages are read. So a
 * scan begins with a row that is there: the start row, or the entry that the last page ended with.
 */
export class DirectoryScan {
  readonly #range: RowRange;
  readonly #reader: RowReader;
  readonly #overlaid: ReadonlyMap<ByteString, Presence>;
  readonly #after: ByteString;
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
      /** Inode ids from here on were never given. */
      readonly nextId: number;
    },
  ) {
    const { directoryId, after, limit, nextId } = options;
    this.#after = after;
    this.#reader = reader;
    this.#overlaid = overlaid;
    this.#limit = limit;
    this.#nextId = nextId;
    this.#range = rows.range({
      gte: Buffer.from(edgeKey(directoryId, after), 'latin1'),
      lt: Buffer.from(edgePrefix(directoryId + 1), 'latin1'),
      // One more than that for the row it begins with.
      pageRows: limit + 1,
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
      if (isStartRow(row.value)) continue;
      const name = byteStringOf(row.key, EDGE_PREFIX_BYTES);
      if (name === this.#after || this.#overlaid.has(name)) continue;
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
