import type { NetError } from '@raft-ts/net';
import type { LeaderAnswer } from './leader-answer.js';
import { LeaderSearch } from './leader-search.js';
import { LinkKeeper, type LinkKeeperOptions } from './link-keeper.js';
import type { MemberLink } from './member-link.js';
import type { ConnectionLease } from './shared-connections.js';

/** Addresses remembered at most, those that members name among them. */
const MAX_ADDRESSES = 64;

export interface LeaderFinderOptions extends LinkKeeperOptions {
  readonly addresses: readonly string[];
}

/** Keeps the link to whoever leads, and looks for the next one when it is of no more use. */
export class LeaderFinder extends LinkKeeper {
  readonly whom = 'member that leads';
  readonly #options: LeaderFinderOptions;
  #addresses: readonly string[];
  /** The last leader's; any later one has a higher term. */
  #term = 0;
  /** Ends the search for a later leader, while the one there is says nothing. */
  #endDoubt: () => void = () => {};

  constructor(options: LeaderFinderOptions) {
    super(options);
    this.#options = options;
    this.#addresses = options.addresses;
  }

  /** Members known, those of the options first. */
  get addresses(): readonly string[] {
    return this.#addresses;
  }

  isRight(answer: LeaderAnswer): boolean {
    return answer.leads;
  }

  /** Unless the last leader found served nothing. */
  protected mayBegin(): boolean {
    if (this.fruitless > 0) return false;
    this.backoff.reset();
    return true;
  }

  protected search(): () => void {
    return this.#searchFor(
      (lease) => this.found(lease),
      (error) => this.refused(error),
    );
  }

  #searchFor(
    found: (lease: ConnectionLease) => void,
    refused: (error: NetError) => void = () => {},
  ): () => void {
    const search: LeaderSearch = new LeaderSearch({
      ...this.#options,
      addresses: this.#addresses,
      knownTerm: this.#term,
      refused,
      found: (term, lease) => {
        this.#remember(search.addresses);
        this.#term = term;
        found(lease);
      },
    });
    return () => search.end();
  }

  /** Those of the options, and of all others the last that were named: earlier ones may be gone for good. */
  #remember(asked: readonly string[]): void {
    const { addresses: given } = this.#options;
    const named = asked.filter((address) => !given.includes(address));
    const room = Math.max(0, MAX_ADDRESSES - given.length);
    this.#addresses = [...given, ...named.slice(Math.max(0, named.length - room))];
  }

  override doubt(link: MemberLink, replaced: () => void): void {
    if (link.retired) return;
    this.#endDoubt();
    this.#endDoubt = this.#searchFor((lease) => {
      if (lease.connection === link.connection) {
        // It was slow.
        lease.release();
        return;
      }
      this.found(lease);
      replaced();
    });
  }

  protected override left(link: MemberLink): void {
    this.#endDoubt();
    super.left(link);
  }

  override rest(): void {
    this.#endDoubt();
    super.rest();
  }
}
