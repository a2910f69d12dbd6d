/** Takes bytes out of chunks, however those are cut. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Bytes that can be taken now. */
  get available(): number {
    return this.#bytes.byteLength;
  }

  /** Reads on until so many are there; false where the chunks end before. */
  async fill(length: number): Promise<boolean> {
    const parts: Uint8Array[] = [this.#bytes];
    let available = this.#bytes.byteLength;
    while (available < length) {
      const next = await this.#chunks.next();
      if (next.done) break;
      parts.push(next.value);
      available += next.value.byteLength;
    }
    this.#bytes = Buffer.concat(parts);
    return available >= length;
  }

  /** So many, which must be there; the caller's as long as it does not change them. */
  take(length: number): Buffer {
    const taken = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return taken;
  }

  /** All that was not taken. */
  async *rest(): AsyncGenerator<Uint8Array, void, void> {
    if (this.available > 0) yield this.take(this.available);
    for (;;) {
      const next = await this.#chunks.next();
      if (next.done) return;
      yield next.value;
    }
  }
}
