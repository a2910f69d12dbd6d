const EMPTY = Buffer.alloc(0);

/**
 * Gathers bytes until they are taken all at once. It doubles as bytes come, so that memory follows
 * what has come and every byte is copied a bounded number of times.
 */
export class GatheringBuffer {
  readonly #smallestBytes: number;
  readonly #largestStartBytes: number;
  #buffer: Buffer = EMPTY;
  #length = 0;
  #startBytes: number;

  /**
   * `smallestBytes`: what it starts with at first, and at least. Later it starts with what was taken
   * last, up to `largestStartBytes`.
   */
  constructor(smallestBytes: number, largestStartBytes: number) {
    this.#smallestBytes = smallestBytes;
    this.#largestStartBytes = largestStartBytes;
    this.#startBytes = smallestBytes;
  }

  get length(): number {
    return this.#length;
  }

  /** Bytes of memory that it takes. */
  get capacity(): number {
    return this.#buffer.length;
  }

  /** What has been gathered stands in its first `length` bytes, until the next call. */
  get bytes(): Buffer {
    return this.#buffer;
  }

  /** Copies `bytes` from `start` to `end`; no more than `lastLength` will be gathered. */
  append(bytes: Buffer, start: number, end: number, lastLength = Number.POSITIVE_INFINITY): void {
    const length = this.#length + end - start;
    if (this.#buffer.length < length) {
      const doubled = Math.max(this.#startBytes, 2 * this.#buffer.length);
      const grownBytes = Math.max(length, Math.min(doubled, lastLength));
      const grown = Buffer.allocUnsafeSlow(grownBytes);
      this.#buffer.copy(grown, 0, 0, this.#length);
      this.#buffer = grown;
    }
    bytes.copy(this.#buffer, this.#length, start, end);
    this.#length = length;
  }

  /** Everything since the last call. */
  take(): Buffer {
    const taken = this.#buffer.subarray(0, this.#length);
    const startBytes = Math.max(taken.length, this.#smallestBytes);
    this.#startBytes = Math.min(startBytes, this.#largestStartBytes);
    this.clear();
    return taken;
  }

  clear(): void {
    this.#buffer = EMPTY;
    this.#length = 0;
  }
}
