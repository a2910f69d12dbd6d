import type { NetError } from '@raft-ts/net';
import { RpcMethod } from '../../rpc-methods.js';
import { type LeaderAnswer, parseLeaderAnswer } from './leader-answer.js';
import { LeaderSearch } from './leader-search.js';
import { LinkKeeper, type LinkKeeperOptions } from './link-keeper.js';
import type { MemberLink } from './member-link.js';
import type { ConnectionLease } from './shared-connections.js';

/** Addresses remembered at most, those that members name among them. */
const MAX_ADDRESSES = 64;
/** Between questions to the leader who takes part, milliseconds: machines may all be others by and by. */
const MEMBERS_MS = 60_000;

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
  /** When the leader said last who takes part, or was asked. */
  #membersAtMs = 0;
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

  /** Asks the leader that is known who takes part now, where that was a while ago. Nobody waits for it. */
  keepUp(nowMs: number): void {
    const { standing } = this;
    if (standing === undefined || nowMs - this.#membersAtMs < MEMBERS_MS) return;
    this.#membersAtMs = nowMs;
    standing.connection.request(RpcMethod.FindLeader, [0, 0]).then(
      (answer) => this.#remember(parseLeaderAnswer(answer).members),
      () => {}, // whoever waits for something there is told
    );
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
      found: ({ term, members }, lease) => {
        this.#remember([...search.addresses, ...members]);
        this.#membersAtMs = this.#options.clock.monotonicMs();
        this.#term = term;
        found(lease);
      },
    });
    return () => search.end();
  }

  /** Those of the options, and of all others the last that were named: earlier ones may be gone for good. */
  #remember(addresses: readonly string[]): void {
    const { addresses: given } = this.#options;
    const last = new Set([...this.#addresses, ...addresses].reverse());
    const named = [...last].filter((address) => !given.includes(address));
    const room = Math.max(0, MAX_ADDRESSES - given.length);
    this.#addresses = [...given, ...named.slice(0, room).reverse()];
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
