/** Inodes, directories and absent paths of which a leader remembers when it looked at them. */
const MAX_REMEMBERED = 65_536;
/** Characters of absent paths, 32 MiB on the heap at most. */
const MAX_PATH_CHARACTERS = 16 * 1024 * 1024;

/**
 * When a leader looked into storages, on its own monotonic clock. Only in its memory: whoever leads next looks again.
 * What is remembered is bounded; what was looked at longest ago goes first.
 */
export class SyncTimes {
  readonly #entries = new Recent<number>();
  readonly #listings = new Recent<number>();
  /** By path and the last directory along it: where that is another one by now, nothing is known of the path. */
  readonly #absent = new Recent<string>();

  /** An inode was found as the tree has it, or became so. */
  entryChecked(id: number, atMs: number): void {
    this.#entries.set(id, atMs);
  }

  /** All entries of a directory became as the storage has them. */
  listed(directoryId: number, atMs: number): void {
    this.#listings.set(directoryId, atMs);
  }

  /** Nothing is at a path, of which this directory is the last that is there. */
  absent(path: string, directoryId: number, atMs: number): void {
    this.#absent.set(`${directoryId} ${path}`, atMs);
  }

  /** When an inode in a directory was looked at last: by itself, or with all others. */
  entryAtMs(id: number, directoryId: number): number {
    return Math.max(this.#entries.get(id), this.#listings.get(directoryId));
  }

  listedAtMs(directoryId: number): number {
    return this.#listings.get(directoryId);
  }

  /** When a path was looked for and not found, of which this directory is the last that is there. */
  absentAtMs(path: string, directoryId: number): number {
    return this.#absent.get(`${directoryId} ${path}`);
  }
}

/** Times by key, the oldest dropped first. */
class Recent<Key extends number | string> {
  readonly #times = new Map<Key, number>();
  /** Of keys that are texts. */
  #characters = 0;

  get(key: Key): number {
    return this.#times.get(key) ?? Number.NEGATIVE_INFINITY;
  }

  set(key: Key, atMs: number): void {
    const before = this.#times.get(key);
    if (before !== undefined && before >= atMs) return;
    this.#delete(key);
    this.#times.set(key, atMs);
    this.#characters += charactersOf(key);
    for (const oldest of this.#times.keys()) {
      if (this.#times.size <= MAX_REMEMBERED && this.#characters <= MAX_PATH_CHARACTERS) return;
      this.#delete(oldest);
    }
  }

  #delete(key: Key): void {
    if (this.#times.delete(key)) this.#characters -= charactersOf(key);
  }
}

function charactersOf(key: number | string): number {
  return typeof key === 'string' ? key.length : 0;
}
