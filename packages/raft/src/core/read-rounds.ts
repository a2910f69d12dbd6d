/** Reads that share one confirmation of the leadership. */
interface Round {
  readonly number: number;
  /** The commit index when the round began: what the reads have to see. */
  readonly index: number;
  readonly contexts: readonly number[];
}

/** Reads whose leader is confirmed: linearizable once `index` is applied. */
export interface ConfirmedReads {
  readonly contexts: readonly number[];
  readonly index: number;
}

/**
 * The reads of a leader on their way through ReadIndex (Raft thesis, 6.4): they wait for a round
 * of heartbeats that begins after them; a majority's answers prove that no newer leader had been
 * elected by then. One round is under way at a time, and takes along all that waited.
 */
export class ReadRounds {
  #waiting: number[] = [];
  #current: Round | undefined;
  /** Never falls, so that an answer to an older round can't confirm a newer one. */
  #lastRound = 0;

  /** Reads not yet confirmed. */
  get pending(): number {
    return this.#waiting.length + (this.#current?.contexts.length ?? 0);
  }

  /** The round under way; the last one when none is. Heartbeats carry it. */
  get round(): number {
    return this.#lastRound;
  }

  add(context: number): void {
    this.#waiting.push(context);
  }

  /** Begins a round with all that wait, unless one is under way. True when heartbeats must go out. */
  begin(commit: number): boolean {
    if (this.#current !== undefined || this.#waiting.length === 0) return false;
    this.#current = { number: ++this.#lastRound, index: commit, contexts: this.#waiting };
    this.#waiting = [];
    return true;
  }

  /** A majority, this member included, has answered `round`. */
  confirm(round: number): ConfirmedReads | undefined {
    const current = this.#current;
    if (current === undefined || round < current.number) return undefined;
    this.#current = undefined;
    return { contexts: current.contexts, index: current.index };
  }

  /** Gives up everything; returns what was waiting. */
  abandon(): readonly number[] {
    const abandoned = [...(this.#current?.contexts ?? []), ...this.#waiting];
    this.#current = undefined;
    this.#waiting = [];
    return abandoned;
  }
}
