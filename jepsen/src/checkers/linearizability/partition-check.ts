import type { EffectiveOperation } from '../../histories/operation.js';
import { type Explanation, explain } from './explanation.js';
import { type MemoryBudget, MemoryShare } from './memory-budget.js';
import type { Model } from './model.js';
import { Search } from './search.js';
import { Timeline, timelineBytes } from './timeline.js';

/** Where every order ends. */
interface DeadEnd<State> {
  /** The rank of the operation that nobody can place. */
  readonly rank: number;
  readonly states: readonly State[];
}

/**
 * Checks one independent part of a history, in as many turns as it takes. When there turns out to
 * be no order, a second search finds one up to where the first could not go on, to be shown.
 */
export class PartitionCheck<State, Input, Output> {
  readonly #name: string | undefined;
  readonly #operations: readonly EffectiveOperation<Input, Output>[];
  readonly #model: Model<State, Input, Output>;
  readonly #budget: MemoryBudget;
  readonly #share: MemoryShare;
  #timeline: Timeline<Input, Output> | undefined;
  #search: Search<State, Input, Output> | undefined;
  #deadEnd: DeadEnd<State> | undefined;
  #order: readonly EffectiveOperation<Input, Output>[] = [];
  #steps = 0;
  #configurations = 0;

  /** @param model the one for just these operations, if there is such */
  constructor(
    name: string | undefined,
    operations: readonly EffectiveOperation<Input, Output>[],
    model: Model<State, Input, Output>,
    budget: MemoryBudget,
  ) {
    this.#name = name;
    this.#operations = operations;
    this.#model = model.specialize?.(operations) ?? model;
    this.#budget = budget;
    this.#share = new MemoryShare(budget);
  }

  get steps(): number {
    return this.#steps + (this.#search?.steps ?? 0);
  }

  get configurations(): number {
    return this.#configurations + (this.#search?.configurations ?? 0);
  }

  /** There is no order; known before `run` gives the verdict. */
  get isIllegal(): boolean {
    return this.#deadEnd !== undefined;
  }

  /** Goes on for about so many steps. Undefined: it is not finished. */
  run(steps: number): 'ok' | 'illegal' | 'no-memory' | undefined {
    this.#search ??= this.#start();
    const search = this.#search;
    if (search === undefined) return 'no-memory';
    const progress = search.run(steps);
    if (progress === 'running') return undefined;
    if (this.#deadEnd !== undefined) {
      if (progress === 'found') this.#order = search.order();
      this.close();
      return 'illegal';
    }
    if (progress === 'exhausted') {
      this.#retrace(search);
      return undefined;
    }
    this.close();
    return progress === 'found' ? 'ok' : 'no-memory';
  }

  /** Why it is illegal; without an order if `run` was not finished. */
  explanation(): Explanation | undefined {
    const stuck = this.#timeline?.done[this.#deadEnd?.rank ?? -1];
    if (stuck === undefined) return undefined;
    const findings = {
      partition: this.#name,
      operations: this.#operations,
      stuck,
      placed: this.#order,
      otherStates: this.#deadEnd?.states ?? [],
    };
    return explain(findings, this.#model);
  }

  /** Gives the memory of the search back. */
  close(): void {
    this.#endSearch();
    this.#share.releaseAll();
  }

  #start(): Search<State, Input, Output> | undefined {
    if (!this.#share.take(timelineBytes(this.#operations))) return undefined;
    this.#timeline = new Timeline(this.#operations, this.#model);
    return this.#searchTo(this.#timeline, this.#timeline.done.length);
  }

  /** Searches again, now for an order of everything below the rank where all orders ended. */
  #retrace(search: Search<State, Input, Output>): void {
    const { furthest } = search;
    this.#deadEnd = { rank: furthest, states: search.furthestStates() };
    this.#endSearch();
    if (this.#timeline !== undefined) this.#search = this.#searchTo(this.#timeline, furthest);
  }

  #searchTo(timeline: Timeline<Input, Output>, goal: number): Search<State, Input, Output> {
    return new Search(timeline, this.#model, goal, new MemoryShare(this.#budget));
  }

  #endSearch(): void {
    this.#steps += this.#search?.steps ?? 0;
    this.#configurations += this.#search?.configurations ?? 0;
    this.#search?.close();
    this.#search = undefined;
  }
}
