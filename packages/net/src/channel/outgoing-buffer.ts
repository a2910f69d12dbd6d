/** Bytes of the first buffer; later ones start with what the last flush needed. */
const SMALLEST_BYTES = 1024;
const LARGEST_START_BYTES = 64 * 1024;

/** Gathers bytes until they are taken all at once, so that one write carries them. */
export class OutgoingBuffer {
  #buffer: Buffer | undefined;
  #used = 0;
  #startBytes = SMALLEST_BYTES;

  get length(): number {
    return this.#used;
  }

  /** Copies `bytes` from `start` to `end`. */
  append(bytes: Buffer, start: number, end: number): void {
    const used = this.#used + end - start;
    if (this.#buffer === undefined || this.#buffer.length < used) {
      const grown = Buffer.allocUnsafeSlow(
        Math.max(used, this.#startBytes, 2 * (this.#buffer?.length ?? 0)),
      );
      this.#buffer?.copy(grown, 0, 0, this.#used);
      this.#buffer = grown;
    }
    bytes.copy(this.#buffer, this.#used, start, end);
    this.#used = used;
  }

  /** Everything since the last call, or undefined. */
  take(): Buffer | undefined {
    if (this.#buffer === undefined) return undefined;
    const taken = this.#buffer.subarray(0, this.#used);
    this.#startBytes = Math.min(Math.max(this.#used, SMALLEST_BYTES), LARGEST_START_BYTES);
    this.clear();
    return taken;
  }

  clear(): void {
    this.#buffer = undefined;
    this.#used = 0;
  }
}
