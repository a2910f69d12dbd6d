import type { ByteString } from '../namespace/tree/byte-string.js';
import { EDGE_PREFIX_BYTES, type EdgeKey, edgeParent } from '../namespace/tree/edge.js';

/** Bits a name and positions a name sets: about 3 % of absent names are not recognised when it is full. */
const BITS_PER_NAME = 10;
const POSITIONS = 4;
/** A name's bits are all in one block of 16 words, which is one line of the processor's cache. */
const WORD_MASK = 15;
const BLOCK_BITS = 9;
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
  /** The bits of a word's number that say in which block it is. */
  readonly #blockMask: number;
  readonly #capacity: number;
  readonly #directories = new Set<number>();
  #names = 0;

  /** `bytes` is a power of two. */
  constructor(bytes: number) {
    this.#words = new Int32Array(bytes / 4);
    this.#blockMask = (bytes / 4 - 1) & ~WORD_MASK;
    this.#capacity = Math.floor((bytes * 8) / BITS_PER_NAME);
  }

  /** A directory has no entries now: from here on its names are known. */
  directoryEmpty(id: number): void {
    if (this.#directories.has(id)) return;
    if (this.#directories.size >= MAX_DIRECTORIES) {
      const [first = id] = this.#directories;
      this.#directories.delete(first);
    }
    this.#directories.add(id);
  }

  /** An entry came to be. */
  added(edge: EdgeKey): void {
    const directory = edgeParent(edge);
    if (!this.#directories.has(directory)) return;
    if (this.#names >= this.#capacity) {
      this.#startAnew();
      return;
    }
    const code = hash(directory, edge, EDGE_PREFIX_BYTES, edge.length);
    const block = code & this.#blockMask;
    let bits = mix(code);
    let fresh = false;
    for (let count = 0; count < POSITIONS; count += 1) {
      const word = block | ((bits >>> 5) & WORD_MASK);
      const flag = 1 << (bits & 31);
      const before = this.#words[word] ?? 0;
      if ((before & flag) === 0) {
        fresh = true;
        this.#words[word] = before | flag;
      }
      bits = count === 1 ? mix(bits) : bits >>> BLOCK_BITS;
    }
    if (fresh) this.#names += 1;
  }

  /** Whether there is certainly nothing at this edge. */
  excludes(edge: EdgeKey): boolean {
    return this.excludesName(edgeParent(edge), edge, EDGE_PREFIX_BYTES, edge.length);
  }

  /** The same for the name that stands in `text` from `start` to before `end`. */
  excludesName(directory: number, text: ByteString | EdgeKey, start: number, end: number): boolean {
    if (!this.#directories.has(directory)) return false;
    const code = hash(directory, text, start, end);
    const block = code & this.#blockMask;
    let bits = mix(code);
    for (let count = 0; count < POSITIONS; count += 1) {
      const word = block | ((bits >>> 5) & WORD_MASK);
      if (((this.#words[word] ?? 0) & (1 << (bits & 31))) === 0) return true;
      bits = count === 1 ? mix(bits) : bits >>> BLOCK_BITS;
    }
    return false;
  }

  #startAnew(): void {
    this.#words.fill(0);
    this.#directories.clear();
    this.#names = 0;
  }
}

/** MurmurHash2's step for each byte, MurmurHash3's end. */
function hash(directory: number, text: ByteString | EdgeKey, start: number, end: number): number {
  let value = mix(directory | 0) ^ Math.floor(directory / 0x1_0000_0000);
  for (let position = start; position < end; position += 1) {
    value = Math.imul(value ^ text.charCodeAt(position), 0x5bd1e995);
    value ^= value >>> 15;
  }
  return mix(value);
}

function mix(code: number): number {
  let value = Math.imul(code ^ (code >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return value ^ (value >>> 16);
}
