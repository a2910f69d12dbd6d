import { Backoff, type Clock } from '@raft-ts/net';
import type { StorageError } from '../storages/storage-error.js';

interface ReachabilityOptions {
  /** Silences in a row until a storage counts as unreachable. */
  readonly maxSilences: number;
  readonly minProbeMs: number;
  readonly maxProbeMs: number;
}

/**
 * Whether a storage answers. Without an answer several times in a row it counts as unreachable: then one call
 * at a time tries, with growing pauses between, and all others are told at once what the last one was told.
 */
export class Reachability<Call> {
  readonly #clock: Clock;
  readonly #maxSilences: number;
  readonly #pauses: Backoff;
  #silences = 0;
  #silentSinceMs = 0;
  #lastSilence: StorageError | undefined;
  #probe: Call | undefined;
  #nextProbeMs = 0;
  /** On the monotonic clock. */
  #lastAnswerMs: number | undefined;

  constructor(clock: Clock, random: () => number, options: ReachabilityOptions) {
    this.#clock = clock;
    this.#maxSilences = options.maxSilences;
    this.#pauses = new Backoff(options.minProbeMs, options.maxProbeMs, random);
  }

  /** Of the first silence since the last answer, milliseconds since 1970; undefined while it counts as reachable. */
  get unreachableSinceMs(): number | undefined {
    return this.#isUnreachable ? this.#silentSinceMs : undefined;
  }

  /** Milliseconds since the last answer. */
  get answeredMsAgo(): number | undefined {
    const answeredMs = this.#lastAnswerMs;
    return answeredMs === undefined ? undefined : this.#clock.monotonicMs() - answeredMs;
  }

  /** Whether an answer came after that time of the monotonic clock. */
  answeredSince(ms: number): boolean {
    return this.#lastAnswerMs !== undefined && this.#lastAnswerMs >= ms;
  }

  /** What a call is told that may not try now. */
  get refusal(): StorageError | undefined {
    if (!this.#isUnreachable) return undefined;
    const mayProbe = this.#probe === undefined && this.pauseMs === 0;
    return mayProbe ? undefined : this.#lastSilence;
  }

  /** Milliseconds until somebody may try. */
  get pauseMs(): number {
    if (!this.#isUnreachable) return 0;
    return Math.max(0, this.#nextProbeMs - this.#clock.monotonicMs());
  }

  /** A call that may try does: until its `end`, it alone, while the storage is unreachable. */
  begin(call: Call): void {
    if (this.#isUnreachable) this.#probe = call;
  }

  end(call: Call): void {
    if (this.#probe === call) this.#probe = undefined;
  }

  /** The storage answered, whatever. */
  answered(): void {
    this.#silences = 0;
    this.#pauses.reset();
    this.#lastAnswerMs = this.#clock.monotonicMs();
  }

  /** It did not. */
  silent(call: Call, error: StorageError): void {
    if (this.#silences === 0) this.#silentSinceMs = this.#clock.wallMs();
    this.#silences += 1;
    this.#lastSilence = error;
    // Those that were under way before change nothing about when it is tried.
    if (this.#silences !== this.#maxSilences && this.#probe !== call) return;
    this.#nextProbeMs = this.#clock.monotonicMs() + this.#pauses.next();
  }

  get #isUnreachable(): boolean {
    return this.#silences >= this.#maxSilences;
  }
}
