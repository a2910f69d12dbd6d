import type { EffectiveOperation } from '../../histories/operation.js';
import { type Costs, MemoryShare } from './costs.js';
import type { Model } from './model.js';
import { PricedSearch } from './priced-search.js';
import type { SearchProgress } from './search.js';
import type { Timeline } from './timeline.js';

/** Prices that are tried. */
const MAX_ROUNDS = 60;
const MAX_PRICE = 1000;

/**
 * Decides many histories in which operations of unknown outcome can be combined in more ways than can be
 * searched, by the prices of a `PricedSearch` (Lagrangian relaxation; Handler and Zang, A dual
 * algorithm for the constrained shortest path problem, 1980). An effect that the cheapest order has more
 * often than it was called gets dearer, until the cheapest order keeps to what was called, or there is none.
 */
export class Relaxation<State, Input, Output> {
  readonly #timeline: Timeline<Input, Output>;
  readonly #model: Model<State, Input, Output>;
  readonly #share: MemoryShare;
  readonly #prices: Int32Array;
  #search: PricedSearch<State, Input, Output>;
  #rounds = 1;
  #highestLow = 0;

  constructor(timeline: Timeline<Input, Output>, model: Model<State, Input, Output>, costs: Costs) {
    this.#timeline = timeline;
    this.#model = model;
    this.#share = new MemoryShare(costs);
    this.#prices = new Int32Array(timeline.unknownEffects.length).fill(1);
    this.#search = new PricedSearch(timeline, model, this.#share, this.#prices);
  }

  /** Goes on for about so many steps. no-memory: it found out nothing. */
  run(steps: number): SearchProgress {
    const { costs } = this.#share;
    for (const end = costs.steps + steps; ; ) {
      const progress = this.#search.run(Math.max(1, end - costs.steps));
      this.#highestLow = Math.max(this.#highestLow, this.#search.highestLow);
      if (progress !== 'found' || !this.#raisePrices()) return progress;
      if (this.#rounds++ >= MAX_ROUNDS) return 'no-memory';
      this.#share.releaseAll();
      this.#search = new PricedSearch(this.#timeline, this.#model, this.#share, this.#prices);
    }
  }

  /** The lowest rank up to which nothing was found. */
  get highestLow(): number {
    return this.#highestLow;
  }

  /** The order that was found. */
  order(): readonly EffectiveOperation<Input, Output>[] {
    return this.#search.order();
  }

  close(): void {
    this.#share.releaseAll();
  }

  /** False if the order that was found has nothing more often than it was called. */
  #raisePrices(): boolean {
    const { unknownEffects, unknownCalled } = this.#timeline;
    const used = new Int32Array(unknownEffects.length);
    const excess = new Int32Array(unknownEffects.length);
    for (const [effect, low] of this.#search.effects()) {
      const times = used[effect] ?? 0;
      used[effect] = times + 1;
      const place = unknownEffects[effect]?.[times] ?? Number.POSITIVE_INFINITY;
      if (place >= (unknownCalled[low] ?? 0)) excess[effect] = (excess[effect] ?? 0) + 1;
    }
    for (const [effect, times] of excess.entries()) {
      this.#prices[effect] = Math.min(MAX_PRICE, (this.#prices[effect] ?? 0) + times);
    }
    return excess.some((times) => times > 0);
  }
}
