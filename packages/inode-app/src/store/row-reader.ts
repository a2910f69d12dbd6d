import { dataCorrupt } from '../errors.js';
import { type ByteString, byteStringOf } from '../namespace/tree/byte-string.js';

/** Takes apart what `RowWriter` put together. Throws InodeAppError DATA_CORRUPT. */
export class RowReader {
  #bytes: Buffer = Buffer.alloc(0);
  #position = 0;

  start(bytes: Buffer): this {
    this.#bytes = bytes;
    this.#position = 0;
    return this;
  }

  byte(): number {
    const value = this.#bytes[this.#position];
    if (value === undefined) throw this.#tooShort();
    this.#position += 1;
    return value;
  }

  number(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
      scale *= 128;
    }
    if (!Number.isSafeInteger(value)) throw dataCorrupt('a row with a number above 2^53 - 1');
    return value;
  }

  string(): ByteString {
    const length = this.number();
    const end = this.#position + length;
    if (end > this.#bytes.length) throw this.#tooShort();
    const value = byteStringOf(this.#bytes, this.#position, end);
    this.#position = end;
    return value;
  }

  /** There must be nothing left. */
  end(): void {
    const rest = this.#bytes.length - this.#position;
    if (rest !== 0) throw dataCorrupt(`a row that is ${rest} bytes too long`);
  }

  #tooShort() {
    return dataCorrupt(`a row that is cut short, to ${this.#bytes.length} bytes`);
  }
}
