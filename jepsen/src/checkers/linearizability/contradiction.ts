import type {
  DoneOperation,
  EffectiveOperation,
  UnknownOperation,
} from '../../histories/operation.js';
import { type MemoryBudget, MemoryShare } from './memory-budget.js';
import type { Model } from './model.js';
import { Search, type SearchProgress } from './search.js';
import { Timeline, timelineBytes } from './timeline.js';

/** After so many steps the smallest that was found until then is taken. */
const MAX_STEPS = 2_000_000;
/** A trial that takes longer counts as one in which an order exists. */
const MAX_TRIAL_STEPS = 100_000;

/** A history that has no order, cut off at the return of an operation that can't be placed. */
export interface CutHistory<Input, Output> {
  readonly stuck: DoneOperation<Input, Output>;
  /** What returned before that. */
  readonly before: readonly DoneOperation<Input, Output>[];
  /** All that was called before and had not returned, outcome unknown included. */
  readonly open: readonly EffectiveOperation<Input, Output>[];
}

/**
 * Looks for a few operations that contradict each other, so that a person need not read them all.
 * An operation does not belong to them if there is no order either when its outcome is taken for
 * unknown, which allows everything that was allowed before.
 */
export class Contradiction<State, Input, Output> {
  readonly #model: Model<State, Input, Output>;
  readonly #budget: MemoryBudget;
  readonly #history: CutHistory<Input, Output>;
  #steps = 0;
  #configurations = 0;

  constructor(
    history: CutHistory<Input, Output>,
    model: Model<State, Input, Output>,
    budget: MemoryBudget,
  ) {
    this.#history = history;
    this.#model = model;
    this.#budget = budget;
  }

  get steps(): number {
    return this.#steps;
  }

  get configurations(): number {
    return this.#configurations;
  }

  /**
   * Takes operations away in ever smaller groups. Pauses after every trial.
   *
   * @returns those that can't be true together with `stuck`, by their returns
   */
  *find(): Generator<undefined, readonly DoneOperation<Input, Output>[]> {
    let kept = this.#history.before;
    for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let start = 0; start < kept.length; ) {
        if (this.#steps > MAX_STEPS) return kept;
        const fewer = [...kept.slice(0, start), ...kept.slice(start + size)];
        if (this.#hasNoOrder(fewer)) kept = fewer;
        else start += size;
        yield;
      }
    }
    return kept;
  }
}
