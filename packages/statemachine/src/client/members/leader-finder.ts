import type { LeaderAnswer } from './leader-answer.js';
import { LeaderSearch } from './leader-search.js';
import { LinkKeeper, type LinkKeeperOptions } from './link-keeper.js';

/** Addresses remembered at most, of those that members name. */
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
    const search: LeaderSearch = new LeaderSearch({
      ...this.#options,
      addresses: this.#addresses,
      knownTerm: this.#term,
      found: (term, lease) => {
        this.#addresses = search.addresses.slice(0, MAX_ADDRESSES);
        this.#term = term;
        this.found(lease);
      },
    });
    return () => search.end();
  }
}
