import { Backoff, type Clock, withTimeout } from '@raft-ts/net';
import type { ClientLimits } from '../client-options.js';
import type { LinkSource } from './link-source.js';
import { MemberLink } from './member-link.js';
import type { SharedConnections } from './shared-connections.js';

export interface AnyMemberOptions {
  /** Those known now. */
  readonly addresses: () => readonly string[];
  readonly connections: SharedConnections;
  readonly limits: ClientLimits;
  readonly clock: Clock;
  readonly random: () => number;
  /** A link stands: what waits can be sent. */
  readonly linked: () => void;
}

/**
 * Keeps a link to one member, whichever: drawn at random, so that clients spread over all, kept
 * while it serves, and the next one when it does not, or answers no query for `silenceMs`.
 */
export class AnyMember implements LinkSource {
  readonly whom = 'member';
  readonly #options: AnyMemberOptions;
  readonly #backoff: Backoff;
  #link: MemberLink | undefined;
  #connecting: AbortController | undefined;
  #cancelPause: (() => void) | undefined;
  /** Which of the addresses is in turn. */
  #turn: number;
  /** Members in a row that served nothing. */
  #fruitless = 0;
  #closed = false;

  constructor(options: AnyMemberOptions) {
    const { addresses, limits, random } = options;
    this.#options = options;
    this.#turn = Math.floor(random() * addresses().length);
    this.#backoff = new Backoff(limits.minBackoffMs, limits.maxBackoffMs, random);
  }

  get link(): MemberLink | undefined {
    if (this.#link?.connection.open === false) this.leave(this.#link);
    if (this.#link === undefined) this.#seek();
    return this.#link;
  }

  /** It may lag far behind, waiting for what the query has to see; others may not. */
  isRight(): boolean {
    return false;
  }

  leave(link: MemberLink): void {
    link.retire();
    if (this.#link !== link) return;
    this.#link = undefined;
    if (link.served) this.#fruitless = 0;
    this.#nextTurn();
  }

  rest(): void {
    this.#connecting?.abort();
    this.#connecting = undefined;
    this.#cancelPause?.();
    this.#cancelPause = undefined;
  }

  close(): void {
    this.#closed = true;
    this.rest();
    this.#link?.close();
    this.#link = undefined;
  }

  #nextTurn(): void {
    this.#turn++;
    this.#fruitless++;
  }

  /** One member after the other at once; a pause after each time around. */
  #seek(): void {
    if (this.#closed || this.#connecting !== undefined || this.#cancelPause !== undefined) return;
    const { clock, addresses } = this.#options;
    if (this.#fruitless < addresses().length) {
      void this.#connect();
      return;
    }
    this.#cancelPause = clock.after(this.#backoff.next(), () => {
      this.#cancelPause = undefined;
      this.#fruitless = 0;
      void this.#connect();
    });
  }

  async #connect(): Promise<void> {
    const { addresses, connections, clock, limits, linked } = this.#options;
    const known = addresses();
    const address = known[this.#turn % known.length] ?? '';
    const ending = new AbortController();
    this.#connecting = ending;
    try {
      const lease = await withTimeout(clock, 2 * limits.silenceMs, ending.signal, (signal) =>
        connections.acquire(address, signal),
      );
      if (ending.signal.aborted) {
        lease.release();
        return;
      }
      this.#connecting = undefined;
      this.#link = new MemberLink(lease);
      linked();
    } catch {
      if (ending.signal.aborted) return;
      this.#connecting = undefined;
      this.#nextTurn();
      this.#seek();
    }
  }
}
