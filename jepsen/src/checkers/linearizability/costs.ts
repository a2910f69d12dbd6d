/** What a check has cost so far, and the bytes that it may hold at once, as who holds them counts. */
export class Costs {
  /** Times that the model was asked for a step. */
  steps = 0;
  /** Configurations that were met. */
  configurations = 0;
  readonly #maxBytes: number;
  #bytes = 0;
  #peakBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** False, and nothing is taken, if that is more than is left. */
  take(bytes: number): boolean {
    if (this.#bytes + bytes > this.#maxBytes) return false;
    this.#bytes += bytes;
    this.#peakBytes = Math.max(this.#peakBytes, this.#bytes);
    return true;
  }

  release(bytes: number): void {
    this.#bytes -= bytes;
  }

  get peakBytes(): number {
    return this.#peakBytes;
  }
}

/** Bytes that are given back as a whole. */
export class MemoryShare {
  readonly costs: Costs;
  #bytes = 0;

  constructor(costs: Costs) {
    this.costs = costs;
  }

  take(bytes: number): boolean {
    if (!this.costs.take(bytes)) return false;
    this.#bytes += bytes;
    return true;
  }

  release(bytes: number): void {
    this.costs.release(bytes);
    this.#bytes -= bytes;
  }

  releaseAll(): void {
    this.release(this.#bytes);
  }
}
