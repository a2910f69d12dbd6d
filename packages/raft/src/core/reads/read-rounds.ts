import type { MemberId } from '../log/entry.js';

/** A read that waits for a confirmation of the leadership. */
export interface WaitingRead {
  /** Who asked: the leader itself, or a follower for one of its own reads. */
  readonly from: MemberId;
  readonly context: number;
}

/** Reads that share one confirmation of the leadership. */
interface Round {
  readonly number: number;
  /** The commit index when the round began: what the reads have to see. */
  readonly index: number;
  readonly reads: readonly WaitingRead[];
}

/** Reads whose leader is confirmed: linearizable once `index` is applied. */
export interface ConfirmedReads {
  readonly reads: readonly WaitingRead[];
  readonly index: number;
}

/** Rounds whose start is remembered; of older ones no lease is reckoned. */
const MAX_ROUND_STARTS = 64;

/**
 * Rounds of heartbeats. A majority's answers to one prove that no newer leader had been elected
 * when it went out: that confirms the reads that came before it (ReadIndex, Raft thesis, 6.4), and
 * begins a lease at that moment (6.4.1). One round with reads is under way at a time, and takes
 * along all that waited.
 */
export class ReadRounds {
  #waiting: WaitingRead[] = [];
  #current: Round | undefined;
  /** Never falls, so that an answer to an older round can't confirm a newer one. */
  #lastRound = 0;
  /** Rounds that have not left yet: their start is stamped when they do. */
  #unstamped = false;
  #starts: { readonly round: number; readonly atMs: number }[] = [];
  /** When the newest round that a majority has answered went out; undefined for none. */
  #leaseStartMs: number | undefined;

  /** Reads not yet confirmed. */
  get pending(): number {
    return this.#waiting.length + (this.#current?.reads.length ?? 0);
  }

  /** The last round that began. Heartbeats carry it. */
  get round(): number {
    return this.#lastRound;
  }

  add(read: WaitingRead): void {
    this.#waiting.push(read);
  }

  /** Heartbeats are about to go to everybody. */
  beginRound(): void {
    this.#lastRound++;
    this.#unstamped = true;
  }

  /** Begins a round with all that wait, unless one is under way. True when heartbeats must go out. */
  beginWithReads(commit: number): boolean {
    if (this.#current !== undefined || this.#waiting.length === 0) return false;
    this.beginRound();
    this.#current = { number: this.#lastRound, index: commit, reads: this.#waiting };
    this.#waiting = [];
    return true;
  }

  /** What began since the last time leaves now, not earlier. */
  stamp(nowMs: number): void {
    if (!this.#unstamped) return;
    this.#unstamped = false;
    this.#starts.push({ round: this.#lastRound, atMs: nowMs });
    if (this.#starts.length > MAX_ROUND_STARTS) this.#starts.shift();
  }

  /** A majority, this member included, has answered `round`. */
  confirm(round: number): ConfirmedReads | undefined {
    this.#confirmLease(round);
    const current = this.#current;
    if (current === undefined || round < current.number) return undefined;
    this.#current = undefined;
    return { reads: current.reads, index: current.index };
  }

  #confirmLease(round: number): void {
    let confirmed = 0;
    for (const start of this.#starts) {
      if (start.round > round) break;
      this.#leaseStartMs = start.atMs;
      confirmed++;
    }
    if (confirmed > 0) this.#starts.splice(0, confirmed);
  }

  /** Whether a lease of `leaseMs` holds at `nowMs`. */
  leaseHolds(nowMs: number, leaseMs: number): boolean {
    return this.#leaseStartMs !== undefined && nowMs < this.#leaseStartMs + leaseMs;
  }

  /** Gives up everything, the lease too; returns what was waiting. */
  abandon(): readonly WaitingRead[] {
    const abandoned = [...(this.#current?.reads ?? []), ...this.#waiting];
    this.#current = undefined;
    this.#waiting = [];
    this.#starts = [];
    this.#unstamped = false;
    this.#leaseStartMs = undefined;
    return abandoned;
  }
}
