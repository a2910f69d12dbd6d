/** Rounds whose start is remembered; of older ones no lease is reckoned. */
const MAX_ROUND_STARTS = 64;

/**
 * When a leader's lease began: as the newest round of heartbeats that a majority has answered went
 * out (Raft thesis, 6.4.1).
 */
export class LeaseStart {
  #starts: { readonly round: number; readonly atMs: number }[] = [];
  /** Undefined for no lease. */
  #startMs: number | undefined;
  /** A member was asked to campaign in this term: it may win at any time, lease or not. */
  #void = false;

  /** Whether a majority has answered a round of this term. */
  get begun(): boolean {
    return this.#startMs !== undefined;
  }

  /** Heartbeats of `round` leave. */
  roundLeft(round: number, nowMs: number): void {
    this.#starts.push({ round, atMs: nowMs });
    if (this.#starts.length > MAX_ROUND_STARTS) this.#starts.shift();
  }

  /** A majority, this member included, has answered `round`. */
  confirm(round: number): void {
    let confirmed = 0;
    for (const start of this.#starts) {
      if (start.round > round) break;
      this.#startMs = start.atMs;
      confirmed++;
    }
    if (confirmed > 0) this.#starts.splice(0, confirmed);
  }

  /** When a lease of `leaseMs` ends; undefined for none. */
  end(leaseMs: number): number | undefined {
    return this.#void || this.#startMs === undefined ? undefined : this.#startMs + leaseMs;
  }

  /** No lease for the rest of this term. */
  forgo(): void {
    this.#void = true;
  }

  /** Another term of this leader begins, or its lead has ended. */
  reset(): void {
    this.#starts = [];
    this.#startMs = undefined;
    this.#void = false;
  }
}
