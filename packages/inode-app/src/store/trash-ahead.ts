import { type ByteString, NO_BYTES } from '../namespace/tree/byte-string.js';
import type { DirectoryEntry, TrashedDirectory } from '../namespace/tree/inode-store.js';
import type { DirectoryScan } from './directory-scan.js';

/** What reading ahead needs of the store. */
interface TrashStore {
  /** What is in the trash, the oldest first, read off the event loop. */
  trashedDirectories(): AsyncIterable<TrashedDirectory>;
  /** Entries of a directory behind a name, as they are now. */
  scan(directoryId: number, after: ByteString, limit: number): DirectoryScan;
}

/** Entries of one directory in the trash, from a name on that is not gone yet. */
interface EntriesAhead {
  entries: readonly DirectoryEntry[];
  /** The last name that was read, or the last that was gone when reading began. */
  last: ByteString;
  /** Whether there is nothing behind them. */
  complete: boolean;
}

/**
 * Entries that will be reclaimed next, read off the event loop and each of them once. Nothing but
 * reclaiming, which goes by their order, changes directories in the trash: what was read holds.
 */
export class TrashAhead {
  readonly #store: TrashStore;
  readonly #directories = new Map<number, EntriesAhead>();
  #reading: Promise<void> = Promise.resolve();

  constructor(store: TrashStore) {
    this.#store = store;
  }

  /**
   * Reads until a step of `maxEntries` and the one before it, which may not be applied yet, have
   * what they need.
   */
  read(maxEntries: number): Promise<void> {
    const reading = this.#reading.then(() => this.#read(2 * maxEntries));
    this.#reading = reading.catch(() => {});
    return reading;
  }

  async #read(maxEntries: number): Promise<void> {
    let left = maxEntries;
    const seen = new Set<number>();
    // Those that come into the trash with the entries read: nobody reaches them any more either.
    const below: TrashedDirectory[] = [];
    const look = async (trashed: TrashedDirectory): Promise<void> => {
      seen.add(trashed.id);
      const ahead = this.#ahead(trashed);
      left -= 1 + ahead.entries.length;
      if (!ahead.complete && left > 0) left -= await this.#readOn(trashed.id, ahead, left);
      for (const { inode } of ahead.entries) {
        if (inode.children > 0) below.push({ id: inode.id, after: NO_BYTES });
      }
    };
    for await (const trashed of this.#store.trashedDirectories()) {
      await look(trashed);
      if (left <= 0) break;
    }
    for (const directory of below) if (left > 0) await look(directory);
    // One may have been finished while it was being read.
    for (const id of this.#directories.keys()) if (!seen.has(id)) this.finished(id);
  }

  async #readOn(id: number, ahead: EntriesAhead, limit: number): Promise<number> {
    const found = await this.#store.scan(id, ahead.last, limit).run();
    ahead.entries = [...ahead.entries, ...found];
    ahead.last = found.at(-1)?.name ?? ahead.last;
    ahead.complete = found.length < limit;
    return found.length;
  }

  /** The first `limit` entries of a directory, fewer if there are no more; undefined if not known. */
  take(trashed: TrashedDirectory, limit: number): readonly DirectoryEntry[] | undefined {
    const ahead = this.#ahead(trashed);
    const known = ahead.complete || ahead.entries.length >= limit;
    return known ? ahead.entries.slice(0, limit) : undefined;
  }

  finished(directoryId: number): void {
    this.#directories.delete(directoryId);
  }

  /** What is known of a directory, without what is gone. */
  #ahead({ id, after }: TrashedDirectory): EntriesAhead {
    const known = this.#directories.get(id);
    if (known === undefined || known.last < after) {
      const ahead = { entries: [], last: after, complete: false };
      this.#directories.set(id, ahead);
      return ahead;
    }
    const gone = known.entries.findIndex(({ name }) => name > after);
    known.entries = gone < 0 ? [] : known.entries.slice(gone);
    return known;
  }
}
