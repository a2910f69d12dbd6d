import type { Clock } from '@raft-ts/net';
import { Backoff } from '@raft-ts/net';
import type { ClientLimits } from '../client-options.js';
import { type LeaderAnswer, LeaderSearch } from './leader-search.js';
import type { LinkSource } from './link-source.js';
import { MemberLink } from './member-link.js';
import type { SharedConnections } from './shared-connections.js';

/** Addresses remembered at most, of those that members name. */
const MAX_ADDRESSES = 64;

export interface LeaderFinderOptions {
  readonly addresses: readonly string[];
  readonly connections: SharedConnections;
  readonly limits: ClientLimits;
  readonly clock: Clock;
  readonly random: () => number;
  /** A link stands: what waits can be sent. */
  readonly linked: () => void;
}

/** Keeps the link to whoever leads, and looks for the next one when it is of no more use. */
export class LeaderFinder implements LinkSource {
  readonly whom = 'member that leads';
  readonly #options: LeaderFinderOptions;
  readonly #backoff: Backoff;
  #addresses: readonly string[];
  #link: MemberLink | undefined;
  #search: LeaderSearch | undefined;
  #cancelPause: (() => void) | undefined;
  /** The last leader's; any later one has a higher term. */
  #term = 0;
  /** Links in a row over which nothing was served. */
  #fruitless = 0;
  #closed = false;

  constructor(options: LeaderFinderOptions) {
    const { minBackoffMs, maxBackoffMs } = options.limits;
    this.#options = options;
    this.#addresses = options.addresses;
    this.#backoff = new Backoff(minBackoffMs, maxBackoffMs, options.random);
  }

  /** Members known, those of the options first. */
  get addresses(): readonly string[] {
    return this.#addresses;
  }

  get link(): MemberLink | undefined {
    if (this.#link?.connection.open === false) this.leave(this.#link);
    if (this.#link === undefined) this.#seek();
    return this.#link;
  }

  isRight(answer: LeaderAnswer): boolean {
    return answer.leads;
  }

  leave(link: MemberLink): void {
    link.retire();
    if (this.#link !== link) return;
    this.#link = undefined;
    if (link.served) this.#fruitless = 0;
    else this.#fruitless++;
  }

  rest(): void {
    this.#search?.end();
    this.#search = undefined;
    this.#cancelPause?.();
    this.#cancelPause = undefined;
  }

  close(): void {
    this.#closed = true;
    this.rest();
    this.#link?.close();
    this.#link = undefined;
  }

  /** At once, unless the last leader found served nothing. */
  #seek(): void {
    if (this.#closed || this.#search !== undefined || this.#cancelPause !== undefined) return;
    if (this.#fruitless === 0) {
      this.#backoff.reset();
      this.#begin();
      return;
    }
    this.#cancelPause = this.#options.clock.after(this.#backoff.next(), () => {
      this.#cancelPause = undefined;
      this.#begin();
    });
  }

  #begin(): void {
    this.#search = new LeaderSearch({
      ...this.#options,
      addresses: this.#addresses,
      aboveTerm: this.#term,
      lowestTerm: this.#term,
      found: (leader) => {
        this.#addresses = (this.#search?.addresses ?? this.#addresses).slice(0, MAX_ADDRESSES);
        this.#search = undefined;
        this.#term = leader.term;
        this.#link = new MemberLink(leader.lease);
        this.#options.linked();
      },
    });
  }
}
