import type { EffectiveOperation } from '../../histories/operation.js';
import { Configurations, NO_MEMORY, NONE } from './configurations.js';
import type { MemoryShare } from './costs.js';
import type { Model } from './model.js';
import { BEGIN, IMPOSSIBLE, PASS_OVER, Placement } from './placement.js';
import type { SearchProgress } from './search.js';
import type { Timeline } from './timeline.js';

/** Of a record in a queue. */
const WAITING_BYTES = 16;

/**
 * Looks for the cheapest order in which operations of unknown outcome take effect as often as one
 * likes once they were called, at a price for each effect (Dijkstra, 1959).
 *
 * An order in which each takes effect once at most costs no more, up to any moment, than all that had been
 * called by then: what costs more is not gone on with. So where this search finds nothing there is no
 * order, whatever the prices are. A configuration need not say which of them it used, and there are few.
 */
export class PricedSearch<State, Input, Output> {
  readonly #timeline: Timeline<Input, Output>;
  readonly #configurations: Configurations;
  readonly #placement: Placement<State, Input, Output>;
  readonly #share: MemoryShare;
  /** By the effect. */
  readonly #prices: Int32Array;
  readonly #cheapest: number;
  /** By rank: what all that had been called when it returned cost together. */
  readonly #budget: Int32Array;
  /** By the price: records to go on from, ~record where unknown operations are to be tried. The last comes first. */
  readonly #waiting: number[][] = [];
  #price = 0;
  #progress: SearchProgress = 'running';
  #goal = NONE;
  #highestLow = 0;

  constructor(
    timeline: Timeline<Input, Output>,
    model: Model<State, Input, Output>,
    share: MemoryShare,
    prices: Int32Array,
  ) {
    this.#timeline = timeline;
    this.#share = share;
    this.#prices = prices;
    this.#cheapest = prices.reduce((least, price) => Math.min(least, price), prices[0] ?? 0);
    this.#budget = budgetOf(timeline, prices);
    this.#configurations = new Configurations(timeline.slots, timeline.optionalSlots, share);
    this.#placement = new Placement(timeline, model, this.#configurations, share, 0);
    this.#placement.begin();
    this.#placement.settle();
    this.#enter(NONE, BEGIN);
  }

  run(steps: number): SearchProgress {
    const { costs } = this.#share;
    for (const end = costs.steps + steps; this.#progress === 'running'; ) {
      if (this.#placement.isOutOfMemory) this.#progress = 'no-memory';
      else if (costs.steps >= end) break;
      else this.#goOn();
    }
    return this.#progress;
  }

  /** The lowest that is not placed, in the configuration that came farthest. */
  get highestLow(): number {
    return this.#highestLow;
  }

  /** Which effects the order has, from the first on, each with the lowest rank that was not placed then. */
  *effects(): Generator<readonly [effect: number, low: number]> {
    const configurations = this.#configurations;
    for (const record of configurations.pathTo(this.#goal)) {
      const step = configurations.stepOf(record);
      if (step < 0) yield [~step, configurations.lowOf(configurations.parentOf(record))];
    }
  }

  /** The order that was found: what was placed, from the first on. */
  order(): readonly EffectiveOperation<Input, Output>[] {
    const { unknown, unknownEffects } = this.#timeline;
    const configurations = this.#configurations;
    const used = new Int32Array(unknownEffects.length);
    const order: EffectiveOperation<Input, Output>[] = [];
    for (const record of configurations.pathTo(this.#goal)) {
      const effect = ~configurations.stepOf(record);
      const times = used[effect] ?? 0;
      if (effect >= 0) used[effect] = times + 1;
      this.#placement.repeat(record, order, unknown[unknownEffects[effect]?.[times] ?? NONE]);
    }
    return order;
  }

  #goOn(): void {
    const waiting = this.#waiting[this.#price];
    const next = waiting?.pop();
    if (next === undefined) {
      delete this.#waiting[this.#price];
      this.#price += 1;
      if (this.#price >= this.#waiting.length) this.#progress = 'exhausted';
      return;
    }
    this.#share.release(WAITING_BYTES);
    if (next < 0) this.#tryUnknown(~next);
    else if (this.#configurations.lowOf(next) < this.#timeline.ranked.length) this.#tryRanked(next);
    else {
      this.#goal = next;
      this.#progress = 'found';
    }
  }

  /** What returned first is put last, and so tried first. */
  #tryRanked(record: number): void {
    const { open, openStart, isOptional, readsOnly, effectsCalled } = this.#timeline;
    const low = this.#configurations.lowOf(record);
    if ((effectsCalled[low] ?? 0) > 0) this.#wait(~record, this.#price + this.#cheapest);
    const start = openStart[low] ?? 0;
    for (const optional of [1, 0]) {
      for (let index = (openStart[low + 1] ?? 0) - 1; index >= start; index--) {
        const rank = open[index] ?? 0;
        if (readsOnly[rank] === 1 || isOptional[rank] !== optional) continue;
        if (this.#placement.follow(record, index)) this.#enter(record, rank);
      }
      if (optional === 0 || isOptional[low] !== 1) continue;
      this.#placement.passOver(record);
      this.#enter(record, PASS_OVER);
    }
  }

  #tryUnknown(record: number): void {
    const { unknown, unknownEffects, effectsCalled } = this.#timeline;
    const configurations = this.#configurations;
    const low = configurations.lowOf(record);
    const state = configurations.stateOf(record);
    for (let effect = 0; effect < (effectsCalled[low] ?? 0); effect++) {
      const price = configurations.priceOf(record) + (this.#prices[effect] ?? 0);
      if (price > (this.#budget[low] ?? 0)) continue;
      const next = this.#placement.transition(state, unknown[unknownEffects[effect]?.[0] ?? NONE]);
      if (next === IMPOSSIBLE || next === state) continue;
      if (!this.#placement.mayLeave(record, next, NONE)) continue;
      configurations.load(record);
      configurations.state = next;
      configurations.price = price;
      this.#placement.settle();
      this.#enter(record, ~effect);
    }
  }

  #enter(parent: number, step: number): void {
    const configurations = this.#configurations;
    const record = configurations.add(parent, step);
    if (record === NO_MEMORY) this.#progress = 'no-memory';
    if (record < 0) return;
    this.#share.costs.configurations += 1;
    this.#highestLow = Math.max(this.#highestLow, configurations.low);
    this.#wait(record, configurations.price);
  }

  #wait(next: number, price: number): void {
    if (!this.#share.take(WAITING_BYTES)) this.#progress = 'no-memory';
    this.#waiting[price] ??= [];
    this.#waiting[price]?.push(next);
  }
}

function budgetOf(
  { unknown, unknownEffects, unknownCalled }: Timeline<unknown, unknown>,
  prices: Int32Array,
): Int32Array {
  const priceOf = new Int32Array(unknown.length);
  for (const [effect, places] of unknownEffects.entries()) {
    for (const place of places) priceOf[place] = prices[effect] ?? 0;
  }
  const sums = new Int32Array(unknown.length + 1);
  for (const [place, price] of priceOf.entries()) sums[place + 1] = (sums[place] ?? 0) + price;
  return unknownCalled.map((called) => sums[called] ?? 0);
}
