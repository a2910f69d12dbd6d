import type { ByteString } from '../namespace/tree/byte-string.js';
import type { EdgeKey } from '../namespace/tree/edge.js';

/** Longer strings are faster written by Buffer, shorter ones by a loop. */
const LOOP_MAX_CHARACTERS = 48;
const MAX_INT32 = 0x7fff_ffff;

/**
 * Puts together a key or a value in bytes that are used again for the next one. Nothing that it
 * writes may exceed its capacity.
 */
export class RowWriter {
  readonly #bytes: Buffer;
  readonly #views: (Buffer | undefined)[] = [];
  #length = 0;

  constructor(capacityBytes: number) {
    this.#bytes = Buffer.alloc(capacityBytes);
  }

  start(): this {
    this.#length = 0;
    return this;
  }

  byte(value: number): this {
    this.#bytes[this.#length] = value;
    this.#length += 1;
    return this;
  }

  /** A whole number from 0 to 2^53 - 1: seven bits a byte, lowest first. */
  number(value: number): this {
    const bytes = this.#bytes;
    let position = this.#length;
    let rest = value;
    while (rest > MAX_INT32) {
      bytes[position] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
      position += 1;
    }
    while (rest > 0x7f) {
      bytes[position] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
      position += 1;
    }
    bytes[position] = rest;
    this.#length = position + 1;
    return this;
  }

  /** The same in seven bytes, highest first, which sort as the numbers do. */
  fixedNumber(value: number): this {
    const bytes = this.#bytes;
    const high = Math.floor(value / 0x1_0000_0000);
    const low = value >>> 0;
    const position = this.#length;
    bytes[position] = high >>> 16;
    bytes[position + 1] = high >>> 8;
    bytes[position + 2] = high;
    bytes[position + 3] = low >>> 24;
    bytes[position + 4] = low >>> 16;
    bytes[position + 5] = low >>> 8;
    bytes[position + 6] = low;
    this.#length = position + 7;
    return this;
  }

  /** A string's length and its bytes. */
  string(value: ByteString): this {
    return this.number(value.length).raw(value);
  }

  /** A string's bytes alone. */
  raw(value: ByteString | EdgeKey): this {
    const bytes = this.#bytes;
    const start = this.#length;
    if (value.length > LOOP_MAX_CHARACTERS) {
      bytes.write(value, start, 'latin1');
    } else {
      for (let position = 0; position < value.length; position += 1) {
        bytes[start + position] = value.charCodeAt(position);
      }
    }
    this.#length = start + value.length;
    return this;
  }

  /** What was written since `start`; valid until the next `start`. */
  bytes(): Buffer {
    const length = this.#length;
    if (length > this.#bytes.length) throw new RangeError(`A row of ${length} bytes is too long`);
    const known = this.#views[length];
    if (known !== undefined) return known;
    const view = this.#bytes.subarray(0, length);
    this.#views[length] = view;
    return view;
  }
}
