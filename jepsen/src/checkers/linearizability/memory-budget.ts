/** Bytes that a check may hold at once, counted by those who hold them. */
export class MemoryBudget {
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

/** Part of a budget that is given back as a whole. */
export class MemoryShare {
  readonly #budget: MemoryBudget;
  #bytes = 0;

  constructor(budget: MemoryBudget) {
    this.#budget = budget;
  }

  take(bytes: number): boolean {
    if (!this.#budget.take(bytes)) return false;
    this.#bytes += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#budget.release(bytes);
    this.#bytes -= bytes;
  }

  releaseAll(): void {
    this.release(this.#bytes);
  }
}
