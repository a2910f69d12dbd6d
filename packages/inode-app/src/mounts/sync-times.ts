/** Inodes, directories and absent paths of which a leader remembers when it looked at them. */
const MAX_REMEMBERED = 65_536;

/**
 * When a leader looked into storages, on its own monotonic clock. Only in its memory: whoever leads next looks again.
 * What is remembered is bounded; what was looked at longest ago goes first.
 */
export class SyncTimes {
  readonly #entries = new Recent<number>();
  readonly #listings = new Recent<number>();
  readonly #absent = new Recent<string>();

  /** An inode was found as the tree has it, or became so. */
  entryChecked(id: number, atMs: number): void {
    this.#entries.set(id, atMs);
  }

  /** All entries of a directory became as the storage has them. */
  listed(directoryId: number, atMs: number): void {
    this.#listings.set(directoryId, atMs);
  }

  /** Nothing is at a path. */
  absent(path: string, atMs: number): void {
    this.#absent.set(path, atMs);
  }

  /** Something came to be at a path. */
  appeared(path: string): void {
    this.#absent.delete(path);
  }

  /** When an inode in a directory was looked at last: by itself, or with all others. */
  entryAtMs(id: number, directoryId: number): number {
    return Math.max(this.#entries.get(id), this.#listings.get(directoryId));
  }

  listedAtMs(directoryId: number): number {
    return this.#listings.get(directoryId);
  }

  /** When nothing was found at a path in a directory. */
  absentAtMs(path: string, directoryId: number): number {
    return Math.max(this.#absent.get(path), this.#listings.get(directoryId));
  }
}

/** Times by key, the oldest dropped first. */
class Recent<Key> {
  readonly #times = new Map<Key, number>();

  get(key: Key): number {
    return this.#times.get(key) ?? Number.NEGATIVE_INFINITY;
  }

  set(key: Key, atMs: number): void {
    const before = this.#times.get(key);
    if (before !== undefined && before >= atMs) return;
    this.#times.delete(key);
    this.#times.set(key, atMs);
    if (this.#times.size <= MAX_REMEMBERED) return;
    const [oldest] = this.#times.keys();
    if (oldest !== undefined) this.#times.delete(oldest);
  }

  delete(key: Key): void {
    this.#times.delete(key);
  }
}
