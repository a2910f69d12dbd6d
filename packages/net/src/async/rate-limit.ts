import type { Clock } from './clock.js';
import { pause } from './pause.js';

/** What may pass at once after nothing did, in milliseconds' worth of the rate. */
const BURST_MS = 100;

/**
 * How much may pass in a second, for all that share it. Who takes waits for its turn, in the order of
 * the calls: what is taken is owed afterwards, so that a large part passes as well as many small ones.
 */
export class RateLimit {
  readonly perSecond: number;
  readonly #clock: Clock;
  /** When all that was taken has passed. */
  #freeAtMs = Number.NEGATIVE_INFINITY;

  /** @param perSecond `Infinity` for no limit */
  constructor(perSecond: number, clock: Clock) {
    this.perSecond = perSecond;
    this.#clock = clock;
  }

  /** Resolves when `amount` may pass; rejects with the signal's reason. */
  async take(amount: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.perSecond === Number.POSITIVE_INFINITY) return;
    const nowMs = this.#clock.monotonicMs();
    const turnMs = Math.max(this.#freeAtMs, nowMs - BURST_MS);
    this.#freeAtMs = turnMs + (amount * 1000) / this.perSecond;
    if (turnMs > nowMs) await pause(this.#clock, turnMs - nowMs, signal);
    signal.throwIfAborted();
  }

  /** Cuts what is to pass so that each piece is there a short moment after the one before, however low the rate is. */
  *pieces(bytes: Buffer): Generator<Buffer, void, void> {
    const pieceBytes = Math.max(1, Math.floor((this.perSecond * BURST_MS) / 1000));
    if (pieceBytes >= bytes.byteLength) return yield bytes;
    for (let at = 0; at < bytes.byteLength; at += pieceBytes) {
      yield bytes.subarray(at, at + pieceBytes);
    }
  }
}
