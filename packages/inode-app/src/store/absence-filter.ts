import { type EdgeKey, edgeParent } from '../namespace/edge.js';

/** Bits a name and positions a name sets: about 1 % of absent names are not recognised. */
const BITS_PER_NAME = 10;
const POSITIONS = 5;
/** Directories whose names are all known, at most; the first to come is the first to go. */
const MAX_DIRECTORIES = 65_536;

/**
 * Says without a read that a name is not in a directory, where all names of the directory are
 * known to this filter: those that were empty when they came to its notice. Creating files in new
 * directories, which is what a load does, then needs no reads at all.
 *
 * A Bloom filter of fixed size. Names that are removed stay in it, which only costs a read; when
 * it is full it starts anew and knows no directory.
 */
export class AbsenceFilter {
  readonly #words: Int32Array;
  readonly #mask: number;
  readonly #capacity: number;
  readonly #directories = new Set<number>();
  #names = 0;

  /** `bytes` is a power of two. */
  constructor(bytes: number) {
    this.#words = new Int32Array(bytes / 4);
    this.#mask = bytes * 8 - 1;
    this.#capacity = Math.floor((bytes * 8) / BITS_PER_NAME);
  }

  /** A directory has no entries now: from here on its names are known. */
  directoryEmpty(id: number): void {
    if (this.#directories.has(id)) return;
    if (this.#directories.size >= MAX_DIRECTORIES) {
      for (const first of this.#directories) {
        this.#directories.delete(first);
        break;
      }
    }
    this.#directories.add(id);
  }

  /** An entry came to be. */
  added(edge: EdgeKey): void {
    if (!this.#directories.has(edgeParent(edge))) return;
    if (this.#names >= this.#capacity) {
      this.#startAnew();
      return;
    }
    let position = hash(edge, 0x811c9dc5);
    const step = hash(edge, 0x9747b28c) | 1;
    let fresh = false;
    for (let count = 0; count < POSITIONS; count += 1) {
      const bit = position & this.#mask;
      const word = this.#words[bit >>> 5] ?? 0;
      const flag = 1 << (bit & 31);
      if ((word & flag) === 0) {
        fresh = true;
        this.#words[bit >>> 5] = word | flag;
      }
      position = (position + step) | 0;
    }
    if (fresh) this.#names += 1;
  }

  /** Whether there is certainly nothing at this edge. */
  excludes(edge: EdgeKey): boolean {
    if (!this.#directories.has(edgeParent(edge))) return false;
    let position = hash(edge, 0x811c9dc5);
    const step = hash(edge, 0x9747b28c) | 1;
    for (let count = 0; count < POSITIONS; count += 1) {
      const bit = position & this.#mask;
      if (((this.#words[bit >>> 5] ?? 0) & (1 << (bit & 31))) === 0) return true;
      position = (position + step) | 0;
    }
    return false;
  }

  #startAnew(): void {
    this.#words.fill(0);
    this.#directories.clear();
    this.#names = 0;
  }
}

/** MurmurHash3's mixing, a byte at a time. */
function hash(text: string, seed: number): number {
  let value = seed;
  for (let position = 0; position < text.length; position += 1) {
    value = Math.imul(value ^ text.charCodeAt(position), 0x5bd1e995);
    value ^= value >>> 15;
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return value ^ (value >>> 16);
}
