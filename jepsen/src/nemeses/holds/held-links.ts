import type { LinkFault, Network, Peer } from '../../cluster/network/network.js';
import { combineLinkFaults } from './combine-link-faults.js';
import type { Hold } from './hold.js';

/** What one direction is to suffer. */
export interface Direction {
  readonly from: Peer;
  readonly to: Peer;
  readonly fault: LinkFault;
}

/** What the links suffer: each all that anyone holds it in. */
export class HeldLinks {
  readonly #network: Network;
  readonly #held = new Set<readonly Direction[]>();
  /** Settings follow one another: the last one says what a link suffers. */
  #lastSetting: Promise<unknown> = Promise.resolve();

  constructor(network: Network) {
    this.#network = network;
  }

  async suffer(directions: readonly Direction[]): Promise<Hold> {
    this.#held.add(directions);
    const hold: Hold = {
      release: async () => {
        if (this.#held.delete(directions)) await this.#set(directions);
      },
    };
    try {
      await this.#set(directions);
    } catch (failure) {
      await hold.release().catch(() => undefined);
      throw failure;
    }
    return hold;
  }

  /** Every link as it was at first, whatever was set. */
  async heal(): Promise<void> {
    this.#held.clear();
    await this.#inOrder(() => this.#network.heal());
  }

  #set(directions: readonly Direction[]): Promise<void> {
    return this.#inOrder(async () => {
      await Promise.all(
        directions.map(({ from, to }) =>
          this.#network.setLink(from, to, combineLinkFaults(this.#faultsOf(from, to))),
        ),
      );
    });
  }

  #faultsOf(from: Peer, to: Peer): readonly LinkFault[] {
    return [...this.#held]
      .flat()
      .filter((direction) => direction.from === from && direction.to === to)
      .map(({ fault }) => fault);
  }

  #inOrder(work: () => Promise<void>): Promise<void> {
    const done = this.#lastSetting.then(work, work);
    this.#lastSetting = done;
    return done;
  }
}
