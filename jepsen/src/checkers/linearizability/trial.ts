import type { EffectiveOperation } from '../../histories/operation.js';
import { type Costs, MemoryShare } from './costs.js';
import type { Model } from './model.js';
import { Search, type SearchProgress } from './search.js';
import { Timeline } from './timeline.js';

/** The search for an order of some operations, with all that it needs. */
export class Trial<State, Input, Output> {
  readonly #share: MemoryShare;
  #search: Search<State, Input, Output> | undefined;

  /** @param model for any operations; the one for just these is made here */
  constructor(
    operations: readonly EffectiveOperation<Input, Output>[],
    model: Model<State, Input, Output>,
    costs: Costs,
  ) {
    this.#share = new MemoryShare(costs);
    const specialized = model.specialize?.(operations) ?? model;
    const timeline = Timeline.prepare(operations, specialized, this.#share);
    this.#search = timeline && new Search(timeline, specialized, this.#share);
  }

  /** Goes on for about so many steps. */
  run(steps: number): SearchProgress {
    return this.#search?.run(steps) ?? 'no-memory';
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
    this.#share.releaseAll();
  }
}
