import { Backoff, type Clock, type NetError } from '@raft-ts/net';
import type { StateMachineError } from '../../errors.js';
import type { ClientLimits } from '../client-options.js';
import { attemptError } from '../sending/attempt-error.js';
import type { LeaderAnswer } from './leader-answer.js';
import { MemberLink } from './member-link.js';
import type { ConnectionLease, SharedConnections } from './shared-connections.js';

export interface LinkKeeperOptions {
  readonly connections: SharedConnections;
  readonly limits: ClientLimits;
  readonly clock: Clock;
  readonly random: () => number;
  /** A link stands: what waits can be sent. */
  readonly linked: () => void;
}

/**
 * Keeps a link to the member that requests go to while it is of use, and then looks for the next
 * one: one search at a time, or the pause before it, as whoever extends it says.
 */
export abstract class LinkKeeper {
  /** Whom it finds, as an error names that. */
  abstract readonly whom: string;
  protected readonly backoff: Backoff;
  /** Why the last member tried had no room for this client, until one has or nobody waits. */
  problem: StateMachineError | undefined;
  /** Members in a row that served nothing. */
  protected fruitless = 0;
  readonly #options: LinkKeeperOptions;
  #link: MemberLink | undefined;
  /** Ends the search, or the pause, that is under way. */
  #giveUp: (() => void) | undefined;
  #closed = false;

  constructor(options: LinkKeeperOptions) {
    const { minBackoffMs, maxBackoffMs } = options.limits;
    this.#options = options;
    this.backoff = new Backoff(minBackoffMs, maxBackoffMs, options.random);
  }

  /** Whether a member that owes answers, and says this of itself alone, is still the one to ask. */
  abstract isRight(answer: LeaderAnswer): boolean;

  /** Whether a search may begin at once. */
  protected abstract mayBegin(): boolean;

  /** Begins a search, which ends with `found` or `notFound`, later; returns what ends it. */
  protected abstract search(): () => void;

  /** The link, when it can take requests; undefined begins to look for one. */
  get link(): MemberLink | undefined {
    if (this.#link?.connection.open === false) this.leave(this.#link);
    if (this.#link === undefined) this.#seek();
    return this.#link;
  }

  /**
   * This link's member is silent: looks whether there is another to ask, without leaving this one
   * before. `replaced` is called when there is, and has the link's place.
   */
  doubt(_link: MemberLink, _replaced: () => void): void {}

  /** This link's member is not the one to ask any more, or can't be reached. */
  leave(link: MemberLink): void {
    link.retire();
    if (this.#link !== link) return;
    this.#link = undefined;
    this.left(link);
  }

  /** The link was given up. */
  protected left(link: MemberLink): void {
    this.fruitless = link.served ? 0 : this.fruitless + 1;
  }

  /** Nobody waits for anything: looking further would be for nothing. */
  rest(): void {
    this.#giveUp?.();
    this.#giveUp = undefined;
    this.problem = undefined;
  }

  close(): void {
    this.#closed = true;
    this.rest();
    this.#link?.close();
    this.#link = undefined;
  }

  /** The link of now, whatever has become of it. */
  protected get standing(): MemberLink | undefined {
    return this.#link;
  }

  /** Requests on their way to the member of now. */
  get inFlight(): number {
    return this.#link?.inFlight ?? 0;
  }

  protected refused(error: NetError): void {
    this.problem = attemptError(error);
  }

  protected found(lease: ConnectionLease): void {
    this.#giveUp = undefined;
    this.problem = undefined;
    this.#link = new MemberLink(lease);
    this.#options.linked();
  }

  protected notFound(): void {
    this.#giveUp = undefined;
    this.#seek();
  }

  #seek(): void {
    if (this.#closed || this.#giveUp !== undefined) return;
    if (this.mayBegin()) {
      this.#giveUp = this.search();
      return;
    }
    this.#giveUp = this.#options.clock.after(this.backoff.next(), () => {
      this.#giveUp = this.search();
    });
  }
}

/** Between attempts to connect to a member that has no room. */
export function overloadBackoff(limits: ClientLimits, random: () => number): Backoff {
  return new Backoff(limits.overloadBackoffMs, limits.maxOverloadBackoffMs, random);
}
