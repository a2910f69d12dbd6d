import type { ByteString } from '../namespace/tree/byte-string.js';
import { HalfSipHash } from './half-sip-hash.js';
import { HashTable } from './hash-table.js';

/** Names that are kept as they are; of more, only hashes are. */
export const MAX_EXACT_NAMES = 4096;
/** Names that one listing can bring: 150 MB of hashes, and 250 MB for a moment when these grow to it. */
const MAX_SEEN_NAMES = 10_000_000;

/** A listing brought more names than can be kept: nothing can be said of what it did not bring. */
export class TooManyNamesError extends Error {
  override readonly name = 'TooManyNamesError';
  readonly code = 'TOO_MANY_NAMES';

  constructor(maxNames: number) {
    super(
      `the directory has more than ${maxNames} entries, as many as a listing of it can bring; split it`,
    );
  }
}

/**
 * Which names of a directory a listing has brought. Of many names only hashes of 64 bits are kept, under a key
 * of this listing's own: two names are taken for one with a probability of n²/2⁶⁵, 3 in 10⁸ for a million, and
 * nobody can choose such names. What that costs: an entry that has gone counts as seen and stays in the tree, or
 * one that is new counts as seen before. The next listing has another key, and puts it right.
 */
export class SeenNames {
  readonly #maxNames: number;
  readonly #hasher: HalfSipHash;
  readonly #exact = new Set<ByteString>();
  /** Of all names, once they are many; the names themselves are dropped then. */
  #hashes: HashTable | undefined;

  /** @param random from 0 to below 1; the key is drawn from it */
  constructor(random: () => number, options: { readonly maxNames?: number } = {}) {
    this.#maxNames = options.maxNames ?? MAX_SEEN_NAMES;
    this.#hasher = new HalfSipHash(drawHalf(random), drawHalf(random));
  }

  /** How many there are. */
  get size(): number {
    return this.#hashes?.size ?? this.#exact.size;
  }

  /** Of memory for hashes. */
  get hashBytes(): number {
    return this.#hashes?.bytes ?? 0;
  }

  has(name: ByteString): boolean {
    if (this.#hashes === undefined) return this.#exact.has(name);
    this.#hasher.hash(name);
    return this.#hashes.has(this.#hasher.low, this.#hasher.high);
  }

  /** Whether it is new. Throws TooManyNamesError for one name more than there may be. */
  add(name: ByteString): boolean {
    if (this.has(name)) return false;
    if (this.size >= this.#maxNames) throw new TooManyNamesError(this.#maxNames);
    if (this.#hashes === undefined && this.#exact.size === MAX_EXACT_NAMES) this.#keepHashes();
    if (this.#hashes === undefined) this.#exact.add(name);
    else this.#addHash(this.#hashes, name);
    return true;
  }

  #keepHashes(): void {
    this.#hashes = new HashTable();
    for (const name of this.#exact) this.#addHash(this.#hashes, name);
    this.#exact.clear();
  }

  #addHash(hashes: HashTable, name: ByteString): void {
    this.#hasher.hash(name);
    hashes.add(this.#hasher.low, this.#hasher.high);
  }
}

function drawHalf(random: () => number): number {
  return Math.floor(random() * 2 ** 32);
}
