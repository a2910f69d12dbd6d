import { createHash } from 'node:crypto';
import { RowKind } from '../row-keys.js';

/** What is gathered before it is hashed: a call for each row would cost more than its bytes. */
const GATHERED_BYTES = 64 * 1024;
const LENGTHS_BYTES = 8;

/**
 * SHA-256 over a tree's rows, in the order of their keys: the same for equal trees. Those of commits count for nothing, as
 * equal trees may divide theirs differently.
 */
export class RowsDigest {
  readonly #hash = createHash('sha256');
  readonly #gathered: Buffer = Buffer.alloc(GATHERED_BYTES);
  #bytes = 0;

  add(key: Buffer, value: Buffer): void {
    if (key[0] === RowKind.Commits) return;
    const needed = LENGTHS_BYTES + key.byteLength + value.byteLength;
    if (this.#bytes + needed > GATHERED_BYTES) this.#flush();
    const target = needed > GATHERED_BYTES ? Buffer.alloc(needed) : this.#gathered;
    const from = target === this.#gathered ? this.#bytes : 0;
    target.writeUInt32BE(key.byteLength, from);
    target.writeUInt32BE(value.byteLength, from + 4);
    key.copy(target, from + LENGTHS_BYTES);
    value.copy(target, from + LENGTHS_BYTES + key.byteLength);
    if (target === this.#gathered) this.#bytes += needed;
    else this.#hash.update(target);
  }

  #flush(): void {
    this.#hash.update(this.#gathered.subarray(0, this.#bytes));
    this.#bytes = 0;
  }

  /** In hexadecimal. Once. */
  end(): string {
    this.#flush();
    return this.#hash.digest('hex');
  }
}
