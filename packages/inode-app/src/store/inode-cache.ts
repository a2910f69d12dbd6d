import type { EdgeKey } from '../namespace/tree/edge.js';
import type { InodeRecord } from '../namespace/tree/inode-record.js';

/** What is at an edge: an inode, or false where it is known that there is none. */
export type Presence = InodeRecord | false;

/** Heap that an entry takes beside its strings, bytes, as measured with a million of them. */
const ENTRY_BYTES = 330;

/** Heap that what an inode has of a storage takes beside its fingerprint, bytes. */
const MOUNTED_BYTES = 72;

export interface InodeCacheLimits {
  /** Edges; at least 1. */
  readonly maxCacheEntries: number;
  /** Heap for them, bytes, as estimated. */
  readonly maxCacheBytes: number;
}

/**
 * The edges that were used last, in two generations: the young one takes what is used; when it
 * has half the limit it becomes the old one, and what was still in the old one is forgotten. That
 * is nearly least recently used, at the price of one Map operation for each use.
 *
 * Only `age` forgets anything, so that what was written stays until it is committed.
 */
export class InodeCache {
  readonly #limits: InodeCacheLimits;
  #young = new Map<EdgeKey, Presence>();
  #old = new Map<EdgeKey, Presence>();
  #youngBytes = 0;
  #oldBytes = 0;

  constructor(limits: InodeCacheLimits) {
    this.#limits = limits;
  }

  get entries(): number {
    return this.#young.size + this.#old.size;
  }

  /** Estimated heap. */
  get bytes(): number {
    return this.#youngBytes + this.#oldBytes;
  }

  get(edge: EdgeKey): Presence | undefined {
    const young = this.#young.get(edge);
    if (young !== undefined) return young;
    const old = this.#old.get(edge);
    if (old === undefined) return undefined;
    this.#forgetOld(edge, old);
    this.set(edge, old);
    return old;
  }

  /** The same without counting as a use. */
  peek(edge: EdgeKey): Presence | undefined {
    return this.#young.get(edge) ?? this.#old.get(edge);
  }

  set(edge: EdgeKey, presence: Presence): void {
    const before = this.#young.size;
    this.#young.set(edge, presence);
    // What it replaces is not looked up, but counted twice until it is forgotten.
    this.#youngBytes +=
      this.#young.size === before ? ownBytes(presence) : entryBytes(edge, presence);
  }

  delete(edge: EdgeKey): void {
    const young = this.#young.get(edge);
    if (young !== undefined) {
      this.#young.delete(edge);
      this.#youngBytes -= entryBytes(edge, young);
    }
    const old = this.#old.get(edge);
    if (old !== undefined) this.#forgetOld(edge, old);
  }

  /** Keeps within the limits: forgets what was not used for long. */
  age(): void {
    const { maxCacheEntries, maxCacheBytes } = this.#limits;
    if (this.#young.size * 2 < maxCacheEntries && this.#youngBytes * 2 < maxCacheBytes) return;
    const fits = this.#young.size <= maxCacheEntries && this.#youngBytes <= maxCacheBytes;
    this.#old = fits ? this.#young : new Map();
    this.#oldBytes = fits ? this.#youngBytes : 0;
    this.#young = new Map();
    this.#youngBytes = 0;
  }

  #forgetOld(edge: EdgeKey, presence: Presence): void {
    this.#old.delete(edge);
    this.#oldBytes -= entryBytes(edge, presence);
  }
}

function entryBytes(edge: EdgeKey, presence: Presence): number {
  return ENTRY_BYTES + edge.length + ownBytes(presence);
}

function ownBytes(presence: Presence): number {
  if (presence === false) return 0;
  const { target, mounted } = presence;
  const mountedBytes = mounted === undefined ? 0 : MOUNTED_BYTES + mounted.fingerprint.length;
  return target.length + mountedBytes;
}
