import type { EffectiveOperation } from '../../histories/operation.js';
import { type Costs, MemoryShare } from './costs.js';
import type { Model } from './model.js';
import { Relaxation } from './relaxation.js';
import { Search, type SearchProgress } from './search.js';
import { Timeline } from './timeline.js';

/** By `Model.fewUnknownFirst`: operations of unknown outcome at once, in one search after the other. */
const FEW_FIRST = [1, 3, Number.POSITIVE_INFINITY];
const ALL = [Number.POSITIVE_INFINITY];

/** Steps of a search after which the relaxation is tried, and beside those an operation. */
const STEPS_BEFORE_RELAXATION = 10_000;
const STEPS_AN_OPERATION = 4;
const MAX_RELAXATION_STEPS = 2_000_000;

/** Something that looks for an order. */
interface Attempt<Input, Output> {
  run(steps: number): SearchProgress;
  order(): readonly EffectiveOperation<Input, Output>[];
}

/** The search for an order of some operations, with all that it needs. */
export class Trial<State, Input, Output> {
  readonly #share: MemoryShare;
  /** What the search at hand takes of it. */
  readonly #searchShare: MemoryShare;
  readonly #model: Model<State, Input, Output>;
  readonly #timeline: Timeline<Input, Output> | undefined;
  readonly #work: Generator<undefined, SearchProgress>;
  #relaxation: Relaxation<State, Input, Output> | undefined;
  /** What went on last. */
  #attempt: Attempt<Input, Output> | undefined;
  #pauseAtSteps = 0;
  #highestLow = 0;

  /** @param model for any operations; the one for just these is made here */
  constructor(
    operations: readonly EffectiveOperation<Input, Output>[],
    model: Model<State, Input, Output>,
    costs: Costs,
  ) {
    this.#share = new MemoryShare(costs);
    this.#searchShare = new MemoryShare(costs);
    this.#model = model.specialize?.(operations) ?? model;
    this.#timeline = Timeline.prepare(operations, this.#model, this.#share);
    this.#work = this.#lookFor();
  }

  /** Goes on for about so many steps. */
  run(steps: number): SearchProgress {
    this.#pauseAtSteps = this.#share.costs.steps + steps;
    const { done, value } = this.#work.next();
    return done === true ? value : 'running';
  }

  /** The order that was found: what was placed, from the first on. Before `close`. */
  order(): readonly EffectiveOperation<Input, Output>[] {
    return this.#attempt?.order() ?? [];
  }

  /** The return up to which an order for everything was found, at most. Before `close`. */
  get reachedAt(): number | undefined {
    return this.#timeline?.endsAt[this.#highestLow];
  }

  /** Gives the memory back. It can't go on after that. */
  close(): void {
    this.#attempt = undefined;
    this.#relaxation?.close();
    this.#searchShare.releaseAll();
    this.#share.releaseAll();
  }

  /** Searches; what is not found soon is tried by the relaxation before the search goes on. */
  *#lookFor(): Generator<undefined, SearchProgress> {
    const timeline = this.#timeline;
    if (timeline === undefined) return 'no-memory';
    const few = this.#model.fewUnknownFirst === true ? FEW_FIRST : ALL;
    const isRelaxable = timeline.unknown.length > 0;
    let progress: SearchProgress = 'running';
    for (const [i, atOnce] of few.entries()) {
      this.#searchShare.releaseAll();
      const search = new Search(timeline, this.#model, this.#searchShare, atOnce);
      const soon = STEPS_BEFORE_RELAXATION + STEPS_AN_OPERATION * timeline.ranked.length;
      progress = yield* this.#goOn(
        search,
        i === 0 && isRelaxable ? soon : Number.POSITIVE_INFINITY,
      );
      if (progress === 'running') {
        progress = yield* this.#relax(timeline);
        if (progress === 'found' || progress === 'exhausted') return progress;
        progress = yield* this.#goOn(search, Number.POSITIVE_INFINITY);
      }
      if (progress !== 'exhausted' || !search.isCut) return progress;
    }
    return progress;
  }

  *#relax(timeline: Timeline<Input, Output>): Generator<undefined, SearchProgress> {
    const relaxation = new Relaxation(timeline, this.#model, this.#share.costs);
    this.#relaxation = relaxation;
    const progress = yield* this.#goOn(relaxation, MAX_RELAXATION_STEPS);
    if (progress !== 'found') relaxation.close();
    return progress;
  }

  /** Has an attempt go on for so many steps, with pauses. */
  *#goOn(
    attempt: Attempt<Input, Output> & { readonly highestLow: number },
    maxSteps: number,
  ): Generator<undefined, SearchProgress> {
    const { costs } = this.#share;
    this.#attempt = attempt;
    const endAt = costs.steps + maxSteps;
    for (;;) {
      const progress = attempt.run(Math.max(1, Math.min(this.#pauseAtSteps, endAt) - costs.steps));
      this.#highestLow = Math.max(this.#highestLow, attempt.highestLow);
      if (progress !== 'running' || costs.steps >= endAt) return progress;
      yield;
    }
  }
}
