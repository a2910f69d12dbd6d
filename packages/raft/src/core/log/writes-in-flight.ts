/** A write that was handed out and is not yet known to be durable. */
interface Write {
  readonly sequence: number;
  /** What the log holds durably once this write is; lowered when the tail is cut meanwhile. */
  lastIndex: number;
  /** The tick at which it was handed out. */
  readonly tick: number;
}

/**
 * Writes on their way to the disk, and what it holds for sure. Known by sequence, not by index: an
 * old answer can't be taken for one to an entry that was rewritten at the same index.
 */
export class WritesInFlight {
  readonly #writes: Write[] = [];
  /** Entries up to here survive a crash. */
  durable = 0;

  get count(): number {
    return this.#writes.length;
  }

  /** Ticks that the oldest one has taken so far; 0 when there is none. */
  oldestTicks(now: number): number {
    const oldest = this.#writes[0];
    return oldest === undefined ? 0 : now - oldest.tick;
  }

  started(sequence: number, lastIndex: number, tick: number): void {
    this.#writes.push({ sequence, lastIndex, tick });
  }

  /** Write `sequence`, and so every earlier one, is durable. */
  finished(sequence: number): void {
    for (let write = this.#writes[0]; write !== undefined; write = this.#writes[0]) {
      if (write.sequence > sequence) break;
      this.durable = Math.max(this.durable, write.lastIndex);
      this.#writes.shift();
    }
  }

  /** The log was cut behind `lastIndex`: no write makes more durable of what it is now. */
  cutTo(lastIndex: number): void {
    this.durable = Math.min(this.durable, lastIndex);
    for (const write of this.#writes) write.lastIndex = Math.min(write.lastIndex, lastIndex);
  }
}
