import { type Clock, pause } from '@raft-ts/net';

/**
 * How old the last proof may be that this member leads, milliseconds, when it changes something in a storage: not longer
 * than the others need to elect another leader.
 */
const MAX_AGE_MS = 500;
/** How often it is proved while something goes on in steps. */
const KEEPING_MS = 200;

export interface AuthorityParts {
  /** Resolves once a majority has confirmed that this member leads; after the call. */
  readonly confirm: () => Promise<void>;
  readonly clock: Clock;
  /** Aborted when it leads no more. */
  readonly signal: AbortSignal;
}

/**
 * Whether this member leads right now, for what it does outside of the log, where nobody else would refuse it. A process
 * that was stopped for a while goes on in the middle of what it did: it may have been replaced, and not have heard of it.
 */
export class Authority {
  readonly #parts: AuthorityParts;
  #confirmedMs = Number.NEGATIVE_INFINITY;
  #confirming: Promise<void> | undefined;

  constructor(parts: AuthorityParts) {
    this.#parts = parts;
  }

  /** A majority has confirmed it a moment ago. */
  get isFresh(): boolean {
    const { clock, signal } = this.#parts;
    return !signal.aborted && clock.monotonicMs() - this.#confirmedMs < MAX_AGE_MS;
  }

  /** Resolves once it is fresh, without a promise where it is. Rejects with the signal's reason when it leads no more. */
  refresh(): Promise<void> | undefined {
    return this.isFresh ? undefined : this.#refresh();
  }

  async #refresh(): Promise<void> {
    while (!this.isFresh) {
      this.#parts.signal.throwIfAborted();
      await this.#shared();
    }
  }

  /** Keeps it fresh until then, as far as a majority confirms it. */
  async keep(until: AbortSignal): Promise<void> {
    for (;;) {
      await pause(this.#parts.clock, KEEPING_MS, until);
      if (until.aborted || this.#parts.signal.aborted) return;
      await this.#shared().catch(() => {});
    }
  }

  #shared(): Promise<void> {
    this.#confirming ??= this.#confirm();
    return this.#confirming;
  }

  async #confirm(): Promise<void> {
    const { confirm, clock } = this.#parts;
    const startedMs = clock.monotonicMs();
    try {
      await confirm();
      this.#confirmedMs = startedMs;
    } finally {
      this.#confirming = undefined;
    }
  }
}
