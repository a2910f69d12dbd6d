import type { MemberId } from '../log/entry.js';

/** A read that waits for a confirmation of the leadership. */
export interface WaitingRead {
  /** Who asked: the leader itself, or a follower for one of its own reads. */
  readonly from: MemberId;
  readonly context: number;
}

/** Reads that share one confirmation of the leadership: linearizable then, once `index` is applied. */
export interface ReadRound {
  readonly number: number;
  /** The commit index when the round began: what the reads have to see. */
  readonly index: number;
  readonly reads: readonly WaitingRead[];
}

/**
 * Rounds of heartbeats. A majority's answers to one prove that no newer leader had been elected
 * when it went out: that confirms the reads that came before it (ReadIndex, Raft thesis, 6.4). One
 * round with reads is under way at a time, and takes along all that waited.
 */
export class ReadRounds {
  #waiting: WaitingRead[] = [];
  #current: ReadRound | undefined;
  /** Never falls, so that an answer to an older round can't confirm a newer one. */
  #lastRound = 0;
  /** The last round has begun and not left yet. */
  #leaving = false;

  /** Reads not yet confirmed. */
  get pending(): number {
    return this.#waiting.length + (this.#current?.reads.length ?? 0);
  }

  /** Whether a round with reads is under way. */
  get confirming(): boolean {
    return this.#current !== undefined;
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
    this.#leaving = true;
  }

  /** Begins a round with all that wait, unless one is under way. True when heartbeats must go out. */
  beginWithReads(commit: number): boolean {
    if (this.#current !== undefined || this.#waiting.length === 0) return false;
    this.beginRound();
    this.#current = { number: this.#lastRound, index: commit, reads: this.#waiting };
    this.#waiting = [];
    return true;
  }

  /** Heartbeats leave now, not earlier: the newest round among them; undefined for none. */
  takeLeaving(): number | undefined {
    if (!this.#leaving) return undefined;
    this.#leaving = false;
    return this.#lastRound;
  }

  /** A majority, this member included, has answered `round`. */
  confirm(round: number): ReadRound | undefined {
    const current = this.#current;
    if (current === undefined || round < current.number) return undefined;
    this.#current = undefined;
    return current;
  }

  /** Gives up everything; returns what was waiting. */
  abandon(): readonly WaitingRead[] {
    const abandoned = [...(this.#current?.reads ?? []), ...this.#waiting];
    this.#current = undefined;
    this.#waiting = [];
    this.#leaving = false;
    return abandoned;
  }
}
