/** The client's side of a session: sequence numbers, and which results it has. */
export class ClientSession {
  readonly id: number;
  /** Commands outstanding at most, from the oldest to the newest. */
  readonly #window: number;
  #nextSequence = 1;
  #acknowledgedBelow = 1;
  /** Settled ones above the oldest that is not. */
  readonly #settled = new Set<number>();

  constructor(id: number, window: number) {
    this.id = id;
    this.#window = window;
  }

  /** All commands below are settled: their results will not be asked for again. */
  get acknowledgedBelow(): number {
    return this.#acknowledgedBelow;
  }

  /** Whether one more command fits into the window. */
  get hasRoom(): boolean {
    return this.#nextSequence < this.#acknowledgedBelow + this.#window;
  }

  next(): number {
    return this.#nextSequence++;
  }

  /** The command has its outcome, or nobody waits for it any more. */
  settle(sequence: number): void {
    if (sequence !== this.#acknowledgedBelow) {
      if (sequence > this.#acknowledgedBelow) this.#settled.add(sequence);
      return;
    }
    do {
      this.#acknowledgedBelow++;
    } while (this.#settled.delete(this.#acknowledgedBelow));
  }
}
