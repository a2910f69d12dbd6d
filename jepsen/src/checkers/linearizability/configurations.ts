import type { MemoryShare } from './costs.js';

/** No record. */
export const NONE = -1;
/** The answer of `add`: one that was met before can do all that this one can. */
export const DOMINATED = -1;
/** The answer of `add`: there is no memory left for it. */
export const NO_MEMORY = -2;

/** The words of a record. The slots' bits follow, and then those of the unknown operations. */
const CHAIN = 0;
const PARENT = 1;
const PLACED = 2;
const LOW = 3;
const STATE = 4;
const PRICE = 5;
const HEAD_WORDS = 6;

/** That a record takes in the hash table, and in what a search keeps to come back to. */
const SEARCH_WORDS = 3;
const FIRST_RECORDS = 64;
const WORD_BYTES = 4;

/**
 * All configurations that a search has met: which operations are placed, and the state after them.
 * They are records of numbers in one array, found by a hash table, each with the one that it came
 * from.
 *
 * Two of equal placed done operations and equal state differ only in the unknown operations that
 * they used. One that used fewer, and paid no more for it, can do all that the other can, so that
 * those which use more than another are not kept.
 */
export class Configurations {
  /** The configuration at hand: `load` fills it, `add` keeps it. */
  low = 0;
  state = 0;
  /** What was paid for it, where a search does; else 0. */
  price = 0;
  readonly placed: Int32Array;
  readonly used: Int32Array;

  readonly #share: MemoryShare;
  readonly #recordWords: number;
  #records = new Int32Array(0);
  #count = 0;
  /** By hash: the first record of a chain. Its length is a power of two: so many records fit. */
  #heads = new Int32Array(0);

  constructor(slots: number, unknownOperations: number, share: MemoryShare) {
    this.placed = new Int32Array((slots + 31) >>> 5);
    this.used = new Int32Array((unknownOperations + 31) >>> 5);
    this.#share = share;
    this.#recordWords = HEAD_WORDS + this.placed.length + this.used.length;
  }

  load(record: number): void {
    const { placed, used } = this;
    const records = this.#records;
    let word = record * this.#recordWords + LOW;
    this.low = records[word++] ?? 0;
    this.state = records[word++] ?? 0;
    this.price = records[word++] ?? 0;
    for (let i = 0; i < placed.length; i++) placed[i] = records[word++] ?? 0;
    for (let i = 0; i < used.length; i++) used[i] = records[word++] ?? 0;
  }

  /**
   * Keeps the configuration at hand.
   *
   * @param parent the record that it came from
   * @param step which operation was placed then, in the caller's numbers
   * @returns the new record, or DOMINATED or NO_MEMORY
   */
  add(parent: number, step: number): number {
    if (this.#count === this.#heads.length && !this.#grow()) return NO_MEMORY;
    const hash = this.#hashAtHand() & (this.#heads.length - 1);
    if (this.#isDominated(hash)) return DOMINATED;
    const record = this.#count++;
    this.#write(record, parent, step);
    this.#link(record, hash);
    return record;
  }

  parentOf(record: number): number {
    return this.#records[record * this.#recordWords + PARENT] ?? NONE;
  }

  /** The records that led to one, from the first on, and that itself. */
  pathTo(record: number): readonly number[] {
    const path: number[] = [];
    for (let at = record; at !== NONE; at = this.parentOf(at)) path.push(at);
    return path.reverse();
  }

  stepOf(record: number): number {
    return this.#records[record * this.#recordWords + PLACED] ?? 0;
  }

  lowOf(record: number): number {
    return this.#records[record * this.#recordWords + LOW] ?? 0;
  }

  stateOf(record: number): number {
    return this.#records[record * this.#recordWords + STATE] ?? 0;
  }

  priceOf(record: number): number {
    return this.#records[record * this.#recordWords + PRICE] ?? 0;
  }

  /** Whether a slot's operation is placed in a record. */
  isPlaced(record: number, slot: number): boolean {
    const word = record * this.#recordWords + HEAD_WORDS + (slot >>> 5);
    return ((this.#records[word] ?? 0) & (1 << (slot & 31))) !== 0;
  }

  /** Whether a record used an unknown operation. */
  isUsed(record: number, unknown: number): boolean {
    const first = record * this.#recordWords + HEAD_WORDS + this.placed.length;
    return ((this.#records[first + (unknown >>> 5)] ?? 0) & (1 << (unknown & 31))) !== 0;
  }

  #write(record: number, parent: number, step: number): void {
    const { placed, used } = this;
    const records = this.#records;
    let word = record * this.#recordWords + PARENT;
    records[word++] = parent;
    records[word++] = step;
    records[word++] = this.low;
    records[word++] = this.state;
    records[word++] = this.price;
    for (let i = 0; i < placed.length; i++) records[word++] = placed[i] ?? 0;
    for (let i = 0; i < used.length; i++) records[word++] = used[i] ?? 0;
  }

  #link(record: number, hash: number): void {
    this.#records[record * this.#recordWords + CHAIN] = this.#heads[hash] ?? NONE;
    this.#heads[hash] = record;
  }

  /** Looks along a chain, and takes out of it what the configuration at hand dominates. */
  #isDominated(hash: number): boolean {
    const records = this.#records;
    const words = this.#recordWords;
    let before = NONE;
    for (let record = this.#heads[hash] ?? NONE; record !== NONE; ) {
      const next = records[record * words + CHAIN] ?? NONE;
      const order = this.#isSamePlace(record) ? this.#compareUsed(record) : INCOMPARABLE;
      if (order === USES_NO_MORE) return true;
      if (order === USES_MORE) {
        if (before === NONE) this.#heads[hash] = next;
        else records[before * words + CHAIN] = next;
      } else before = record;
      record = next;
    }
    return false;
  }

  #isSamePlace(record: number): boolean {
    const { placed } = this;
    const records = this.#records;
    let word = record * this.#recordWords + LOW;
    if (records[word++] !== this.low || records[word++] !== this.state) return false;
    word += 1; // the price
    for (let i = 0; i < placed.length; i++) {
      if (records[word++] !== placed[i]) return false;
    }
    return true;
  }

  /** How a record's unknown operations relate to those at hand. */
  #compareUsed(record: number): UsedOrder {
    const { used } = this;
    const records = this.#records;
    let word = record * this.#recordWords + HEAD_WORDS + this.placed.length;
    const price = this.priceOf(record);
    let onlyThere = Math.max(0, price - this.price);
    let onlyHere = Math.max(0, this.price - price);
    for (let i = 0; i < used.length; i++) {
      const there = records[word++] ?? 0;
      const here = used[i] ?? 0;
      onlyThere |= there & ~here;
      onlyHere |= here & ~there;
    }
    if (onlyThere === 0) return USES_NO_MORE;
    return onlyHere === 0 ? USES_MORE : INCOMPARABLE;
  }

  #hashAtHand(): number {
    const { placed } = this;
    let hash = Math.imul(this.low, 0x9e37_79b1) ^ Math.imul(this.state + 1, 0x85eb_ca6b);
    for (let i = 0; i < placed.length; i++) hash = mixed(hash ^ (placed[i] ?? 0));
    return mixed(hash);
  }

  #grow(): boolean {
    const before = this.#heads.length;
    const capacity = Math.max(FIRST_RECORDS, 2 * before);
    if (!this.#share.take(this.#bytesOf(capacity))) return false;
    const records = new Int32Array(capacity * this.#recordWords);
    records.set(this.#records);
    this.#share.release(this.#bytesOf(before));
    this.#records = records;
    this.#rehash(capacity);
    return true;
  }

  #bytesOf(capacity: number): number {
    return capacity * (this.#recordWords + SEARCH_WORDS) * WORD_BYTES;
  }

  /** Links every record anew; those that were dominated come back, and do no harm. */
  #rehash(heads: number): void {
    this.#heads = new Int32Array(heads).fill(NONE);
    const { low, state, price } = this;
    const [placed, used] = [this.placed.slice(), this.used.slice()];
    for (let record = 0; record < this.#count; record++) {
      this.load(record);
      this.#link(record, this.#hashAtHand() & (heads - 1));
    }
    this.low = low;
    this.state = state;
    this.price = price;
    this.placed.set(placed);
    this.used.set(used);
  }
}

type UsedOrder = typeof USES_NO_MORE | typeof USES_MORE | typeof INCOMPARABLE;
const USES_NO_MORE = 0;
const USES_MORE = 1;
const INCOMPARABLE = 2;

/** The last steps of MurmurHash3 (A. Appleby), which spread a number over all bits. */
function mixed(value: number): number {
  let hash = value ^ (value >>> 16);
  hash = Math.imul(hash, 0x85eb_ca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2_ae35);
  return hash ^ (hash >>> 16);
}
