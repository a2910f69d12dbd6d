interface RemoteRead {
  readonly context: number;
  readonly sinceTick: number;
}

/**
 * Reads for which a follower has asked its leader for the index. Their numbers on the wire begin at
 * a drawn one in each life of a member, so that a late answer to an earlier life, or to another
 * leader's time, can't be taken for one of now.
 */
export class RemoteReads {
  readonly #reads = new Map<number, RemoteRead>();
  #lastNumber: number;

  constructor(firstNumber: number) {
    this.#lastNumber = firstNumber;
  }

  get pending(): number {
    return this.#reads.size;
  }

  /** Returns its number on the wire. */
  add(context: number, tick: number): number {
    const number = ++this.#lastNumber;
    this.#reads.set(number, { context, sinceTick: tick });
    return number;
  }

  /** The context of an answered read, once; undefined for an answer to nothing. */
  take(number: number): number | undefined {
    const read = this.#reads.get(number);
    this.#reads.delete(number);
    return read?.context;
  }

  /** Gives up those that wait since before `tick`; returns their contexts. */
  takeBefore(tick: number): readonly number[] {
    const late: number[] = [];
    for (const [number, { context, sinceTick }] of this.#reads) {
      if (sinceTick >= tick) break;
      late.push(context);
      this.#reads.delete(number);
    }
    return late;
  }
}
