import { setMaxListeners } from 'node:events';
import { Backoff, isNetError, type NetError, pause, withTimeout } from '@raft-ts/net';
import { RpcMethod } from '../../rpc-methods.js';
import { type LeaderAnswer, parseLeaderAnswer } from './leader-answer.js';
import { type LinkKeeperOptions, overloadBackoff } from './link-keeper.js';
import type { ConnectionLease } from './shared-connections.js';

export interface LeaderSearchOptions extends Omit<LinkKeeperOptions, 'linked'> {
  readonly addresses: readonly string[];
  /**
   * The leader of this term was known, and could not be used. One of a lower term was replaced,
   * and may not know it yet.
   */
  readonly knownTerm: number;
  /** Called once, with what the leader says; the lease is the callee's then. */
  readonly found: (answer: LeaderAnswer, lease: ConnectionLease) => void;
  /** A member has no room for this client; it is tried again. */
  readonly refused: (error: NetError) => void;
}

/**
 * Asks all members at once who leads. Each keeps the question until it knows a new leader or is
 * one, so the leader is found as soon as there is one, and a member that hangs keeps nobody back.
 */
export class LeaderSearch {
  readonly #options: LeaderSearchOptions;
  readonly #ending = new AbortController();
  readonly #asked = new Set<string>();
  #lowestTerm: number;

  constructor(options: LeaderSearchOptions) {
    this.#options = options;
    this.#lowestTerm = options.knownTerm;
    // Each member that is asked listens.
    setMaxListeners(0, this.#ending.signal);
    for (const address of options.addresses) this.#ask(address);
  }

  /** The members that were asked, those learned from others included. */
  get addresses(): readonly string[] {
    return [...this.#asked];
  }

  end(): void {
    this.#ending.abort();
  }

  #ask(address: string): void {
    if (this.#asked.has(address)) return;
    this.#asked.add(address);
    void this.#askUntilFound(address);
  }

  async #askUntilFound(address: string): Promise<void> {
    const { clock, limits, random, connections } = this.#options;
    const { signal } = this.#ending;
    const backoff = new Backoff(limits.minBackoffMs, limits.maxBackoffMs, random);
    const crowded = overloadBackoff(limits, random);
    while (!signal.aborted) {
      try {
        const lease = await connections.acquire(address, signal);
        if (await this.#askOver(lease, backoff)) return;
      } catch (error) {
        // Not reachable now; that is what the pause is for.
        if (!signal.aborted && isNetError(error, 'RPC_OVERLOADED')) {
          this.#options.refused(error);
          await pause(clock, crowded.next(), signal);
          continue;
        }
      }
      await pause(clock, backoff.next(), signal);
    }
  }

  /** Returns whether the search is over. Rejects when the connection is of no more use. */
  async #askOver(lease: ConnectionLease, backoff: Backoff): Promise<boolean> {
    const { clock, limits, found } = this.#options;
    const { signal } = this.#ending;
    let aboveTerm = this.#options.knownTerm;
    let kept = false;
    try {
      while (!signal.aborted) {
        const askedMs = clock.monotonicMs();
        const answer = await this.#request(lease, aboveTerm);
        if (signal.aborted) return true;
        // Who names nobody campaigns, or is cut off: in its term there may be no leader at all.
        const named = answer.leads || answer.address !== undefined;
        if (named) this.#lowestTerm = Math.max(this.#lowestTerm, answer.term);
        if (answer.leads && answer.term >= this.#lowestTerm) {
          kept = true;
          this.end();
          found(answer, lease);
          return true;
        }
        if (answer.address !== undefined) this.#ask(answer.address);
        const isNews = named && answer.term > aboveTerm;
        if (isNews) aboveTerm = answer.term;
        const waited = clock.monotonicMs() - askedMs >= limits.leaderWaitMs / 2;
        if (!isNews && !waited) await pause(clock, backoff.next(), signal);
      }
      return true;
    } finally {
      if (!kept) lease.release();
    }
  }

  async #request({ connection }: ConnectionLease, aboveTerm: number): Promise<LeaderAnswer> {
    const { clock, limits } = this.#options;
    const { leaderWaitMs, silenceMs } = limits;
    const answer = await withTimeout(
      clock,
      leaderWaitMs + silenceMs,
      this.#ending.signal,
      (signal) => connection.request(RpcMethod.FindLeader, [aboveTerm, leaderWaitMs], signal),
    );
    return parseLeaderAnswer(answer);
  }
}
