import { crc32 } from 'node:zlib';
import { GROUP } from '../../core/group.js';
import type { LogOutline } from '../log-outline.js';
import { CHECKSUM_BYTES, INDEX_BYTES, putInteger, takeInteger } from './layout.js';

/** "RFOL". */
const MAGIC = 0x52464f4c;
const OUTLINE_FORMAT = 1;
const HEADER_BYTES = 12;

/**
 * Magic (4), format (4), group (4); the base's index and term, the last index; then term runs and sizes, two numbers each, and indexes of
 * memberships, each list behind its length, 8 bytes a number; CRC-32 (4).
 */
export function encodeOutline(outline: LogOutline): Uint8Array {
  const { base, lastIndex, termRuns, sizes, membershipIndexes } = outline;
  const numbers = [
    ...[base.index, base.term, lastIndex],
    ...[termRuns.length, ...termRuns.flatMap(({ index, term }) => [index, term])],
    ...[sizes.length, ...sizes.flatMap(({ index, bytes }) => [index, bytes])],
    ...[membershipIndexes.length, ...membershipIndexes],
  ];
  const checked = HEADER_BYTES + numbers.length * INDEX_BYTES;
  const encoded = new Uint8Array(checked + CHECKSUM_BYTES);
  const view = new DataView(encoded.buffer);
  view.setUint32(0, MAGIC);
  view.setUint32(4, OUTLINE_FORMAT);
  view.setUint32(8, GROUP);
  numbers.forEach((number, i) => {
    putInteger(view, HEADER_BYTES + i * INDEX_BYTES, number);
  });
  view.setUint32(checked, crc32(encoded.subarray(0, checked)));
  return encoded;
}

/**
 * Undefined for what is damaged or of another version: what it tells can be found in the entries, too.
 * Whether it fits them is not looked at.
 */
export function decodeOutline(bytes: Buffer): LogOutline | undefined {
  const checked = bytes.byteLength - CHECKSUM_BYTES;
  if (checked < HEADER_BYTES) return undefined;
  if (crc32(bytes.subarray(0, checked)) !== bytes.readUInt32BE(checked)) return undefined;
  const [magic, format, group] = [0, 4, 8].map((place) => bytes.readUInt32BE(place));
  if (magic !== MAGIC || format !== OUTLINE_FORMAT || group !== GROUP) return undefined;
  const numbers = new Numbers(bytes.subarray(HEADER_BYTES, checked));
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
