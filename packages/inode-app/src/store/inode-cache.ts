import { LRUCache } from 'lru-cache';
import type { EdgeKey } from '../namespace/edge.js';
import type { InodeRecord } from '../namespace/inode-record.js';

/** What is at an edge: an inode, or false where it is known that there is none. */
export type Presence = InodeRecord | false;

/** Heap that an entry takes beside its strings, bytes, as measured with a million of them. */
const ENTRY_BYTES = 330;
const ABSENT_ENTRY_BYTES = 150;

export interface InodeCacheLimits {
  /** Edges. */
  readonly maxEntries: number;
  /** Heap, bytes, as estimated. */
  readonly maxBytes: number;
}

/** The edges that were used last, as the last commit left them. */
export class InodeCache {
  readonly #entries: LRUCache<EdgeKey, Presence>;

  constructor(limits: InodeCacheLimits) {
    this.#entries = new LRUCache<EdgeKey, Presence>({
      max: limits.maxEntries,
      maxSize: limits.maxBytes,
      sizeCalculation: entryBytes,
    });
  }

  get entries(): number {
    return this.#entries.size;
  }

  /** Estimated heap. */
  get bytes(): number {
    return this.#entries.calculatedSize;
  }

  get(edge: EdgeKey): Presence | undefined {
    return this.#entries.get(edge);
  }

  /** The same without counting as a use. */
  peek(edge: EdgeKey): Presence | undefined {
    return this.#entries.peek(edge);
  }

  set(edge: EdgeKey, presence: Presence): void {
    this.#entries.set(edge, presence);
  }

  delete(edge: EdgeKey): void {
    this.#entries.delete(edge);
  }
}

function entryBytes(presence: Presence, edge: EdgeKey): number {
  return presence === false
    ? ABSENT_ENTRY_BYTES + edge.length
    : ENTRY_BYTES + edge.length + presence.target.length;
}
