import type { EffectiveOperation } from '../../histories/operation.js';
import { type Costs, MemoryShare } from './costs.js';
import type { Model } from './model.js';
import { Search, type SearchProgress } from './search.js';
import { Timeline } from './timeline.js';

/** By `Model.fewUnknownFirst`: operations of unknown outcome at once, in one search after the other. */
const FEW_FIRST = [1, 3, Number.POSITIVE_INFINITY];
const ALL = [Number.POSITIVE_INFINITY];

/** The search for an order of some operations, with all that it needs. */
export class Trial<State, Input, Output> {
  readonly #share: MemoryShare;
  /** What the search at hand takes of it. */
  readonly #searchShare: MemoryShare;
  readonly #model: Model<State, Input, Output>;
  readonly #timeline: Timeline<Input, Output> | undefined;
  readonly #unknownAtOnce: number[];
  #search: Search<State, Input, Output> | undefined;

  /** @param model for any operations; the one for just these is made here */
  constructor(
    operations: readonly EffectiveOperation<Input, Output>[],
    model: Model<State, Input, Output>,
    costs: Costs,
  ) {
    this.#share = new MemoryShare(costs);
    const specialized = model.specialize?.(operations) ?? model;
    this.#model = specialized;
    this.#timeline = Timeline.prepare(operations, specialized, this.#share);
    this.#unknownAtOnce = [...(specialized.fewUnknownFirst === true ? FEW_FIRST : ALL)];
    this.#searchShare = new MemoryShare(costs);
    this.#begin();
  }

  /** Goes on for about so many steps. */
  run(steps: number): SearchProgress {
    const { costs } = this.#share;
    for (const end = costs.steps + steps; ; ) {
      const progress = this.#search?.run(Math.max(1, end - costs.steps)) ?? 'no-memory';
      if (progress !== 'exhausted' || this.#search?.isCut !== true) return progress;
      this.#searchShare.releaseAll();
      this.#begin();
    }
  }

  /** The order that was found: what was placed, from the first on. Before `close`. */
  order(): readonly EffectiveOperation<Input, Output>[] {
    return this.#search?.order() ?? [];
  }

  /** The return up to which an order for everything was found, at most. Before `close`. */
  get reachedAt(): number | undefined {
    return this.#search?.reachedAt;
  }

  /** Gives the memory back. It can't go on after that. */
  close(): void {
    this.#search = undefined;
    this.#searchShare.releaseAll();
    this.#share.releaseAll();
  }

  /** Begins the next search. */
  #begin(): void {
    const atOnce = this.#unknownAtOnce.shift();
    this.#search =
      this.#timeline && new Search(this.#timeline, this.#model, this.#searchShare, atOnce);
  }
}
