import { InodeAppError } from '../errors.js';
import type { ByteString } from '../namespace/tree/byte-string.js';

/** Takes apart what `RowWriter` put together. Throws InodeAppError DATA_CORRUPT at the row's end. */
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
    if (value === undefined) throw this.#corrupt();
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
    if (!Number.isSafeInteger(value)) throw this.#corrupt();
    return value;
  }

  string(): ByteString {
    const length = this.number();
    const end = this.#position + length;
    if (end > this.#bytes.length) throw this.#corrupt();
    const value = this.#bytes.toString('latin1', this.#position, end);
    this.#position = end;
    return value;
  }

  /** There must be nothing left. */
  end(): void {
    if (this.#position !== this.#bytes.length) throw this.#corrupt();
  }

  #corrupt(): InodeAppError {
    return new InodeAppError(
      'DATA_CORRUPT',
      'A row of the inode store is damaged. Remove this member and let it start empty, so that it takes its state from the others.',
    );
  }
}
