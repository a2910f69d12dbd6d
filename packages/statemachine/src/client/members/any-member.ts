import { type Backoff, isNetError, pause, withTimeout } from '@raft-ts/net';
import { LinkKeeper, type LinkKeeperOptions, overloadBackoff } from './link-keeper.js';
import type { MemberLink } from './member-link.js';

export interface AnyMemberOptions extends LinkKeeperOptions {
  /** Those known now. */
  readonly addresses: () => readonly string[];
}

/**
 * Keeps a link to one member, whichever: drawn at random, so that clients spread over all, kept
 * while it serves, and the next one when it does not, or answers no query for `silenceMs`.
 */
export class AnyMember extends LinkKeeper {
  readonly whom = 'member';
  readonly #options: AnyMemberOptions;
  readonly #crowded: Backoff;
  /** Which of the addresses is in turn. */
  #turn: number;

  constructor(options: AnyMemberOptions) {
    super(options);
    this.#options = options;
    this.#crowded = overloadBackoff(options.limits, options.random);
    this.#turn = Math.floor(options.random() * options.addresses().length);
  }

  /** It may lag far behind, waiting for what the query has to see; others may not. */
  isRight(): boolean {
    return this.#options.addresses().length === 1;
  }

  protected override left(link: MemberLink): void {
    if (link.served) {
      this.fruitless = 0;
      this.backoff.reset();
    }
    this.#nextTurn();
  }

  #nextTurn(): void {
    this.#turn++;
    this.fruitless++;
  }

  /** One member after the other at once; a pause after each time around. */
  protected mayBegin(): boolean {
    return this.fruitless < this.#options.addresses().length;
  }

  protected search(): () => void {
    if (!this.mayBegin()) this.fruitless = 0;
    const ending = new AbortController();
    void this.#connect(ending.signal);
    return () => ending.abort();
  }

  async #connect(ending: AbortSignal): Promise<void> {
    const { addresses, connections, clock, limits } = this.#options;
    const known = addresses();
    const address = known[this.#turn % known.length] ?? '';
    try {
      const lease = await withTimeout(clock, 2 * limits.silenceMs, ending, (signal) =>
        connections.acquire(address, signal),
      );
      if (ending.aborted) lease.release();
      else {
        this.#crowded.reset();
        this.found(lease);
      }
    } catch (error) {
      if (ending.aborted) return;
      this.#nextTurn();
      if (isNetError(error, 'RPC_OVERLOADED')) {
        this.refused(error);
        if (!this.mayBegin()) await pause(clock, this.#crowded.next(), ending);
        if (ending.aborted) return;
      }
      this.notFound();
    }
  }
}
