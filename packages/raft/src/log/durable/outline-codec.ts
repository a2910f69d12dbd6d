import type { LogOutline } from '../log-outline.js';
import {
  CHECKSUM_BYTES,
  checksumFits,
  INDEX_BYTES,
  OUTLINE_FORMAT,
  OUTLINE_KEY,
  putInteger,
  takeInteger,
} from './layout.js';

/**
 * The base's index and term, the last index; then term runs and sizes, two numbers each, and indexes of
 * memberships, each list behind its length. 8 bytes a number.
 */
export function encodeOutline(outline: LogOutline): Uint8Array {
  const { base, lastIndex, termRuns, sizes, membershipIndexes } = outline;
  const numbers = [
    ...[base.index, base.term, lastIndex],
    ...[termRuns.length, ...termRuns.flatMap(({ index, term }) => [index, term])],
    ...[sizes.length, ...sizes.flatMap(({ index, bytes }) => [index, bytes])],
    ...[membershipIndexes.length, ...membershipIndexes],
  ];
  const encoded = new Uint8Array(numbers.length * INDEX_BYTES);
  const view = new DataView(encoded.buffer);
  numbers.forEach((number, i) => {
    putInteger(view, i * INDEX_BYTES, number);
  });
  return encoded;
}

/**
 * Undefined for what is damaged or of another version: what it tells can be found in the entries, too.
 * Whether it fits them is not looked at.
 */
export function decodeOutline(value: Buffer): LogOutline | undefined {
  if (value.byteLength < 1 + CHECKSUM_BYTES || !checksumFits(OUTLINE_KEY, value)) return undefined;
  if (value[0] !== OUTLINE_FORMAT) return undefined;
  const numbers = new Numbers(value.subarray(1, value.byteLength - CHECKSUM_BYTES));
  const [index, term, lastIndex] = [numbers.next(), numbers.next(), numbers.next()];
  const termRuns = numbers.list(() => ({ index: numbers.next(), term: numbers.next() }));
  const sizes = numbers.list(() => ({ index: numbers.next(), bytes: numbers.next() }));
  const membershipIndexes = numbers.list(() => numbers.next());
  const outline = { base: { index, term }, lastIndex, termRuns, sizes, membershipIndexes };
  return numbers.fit && isOrdered(outline) ? outline : undefined;
}

/** Whether runs and steps begin behind the base and go up to the last index. */
function isOrdered({ base, lastIndex, termRuns, sizes, membershipIndexes }: LogOutline): boolean {
  const places = [termRuns, sizes].map((parts) => parts.map(({ index }) => index));
  const first = base.index + 1;
  return (
    lastIndex >= first &&
    places.every((indexes) => indexes[0] === first && isAscending([...indexes, lastIndex + 1])) &&
    isAscending([base.index, ...membershipIndexes, lastIndex + 1]) &&
    isAscending([base.term - 1, ...termRuns.map(({ term }) => term)])
  );
}

function isAscending(numbers: readonly number[]): boolean {
  return numbers.every((number, i) => i === 0 || number > (numbers[i - 1] ?? number));
}

class Numbers {
  readonly #bytes: Buffer;
  #at = 0;
  #missing = false;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Whether all that was asked for was there, and nothing else is. */
  get fit(): boolean {
    return !this.#missing && this.#at === this.#bytes.byteLength;
  }

  next(): number {
    const end = this.#at + INDEX_BYTES;
    const number = end > this.#bytes.byteLength ? Number.NaN : takeInteger(this.#bytes, this.#at);
    this.#missing ||= !Number.isSafeInteger(number);
    this.#at = end;
    return this.#missing ? 0 : number;
  }

  list<T>(item: () => T): T[] {
    const items: T[] = [];
    for (let left = this.next(); left > 0 && !this.#missing; left--) items.push(item());
    return items;
  }
}
