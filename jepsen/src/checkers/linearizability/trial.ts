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
/** Search and relaxation take turns, each so many times as long as the one before. */
const LONGER_TURNS = 3;

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
  /** There is something to relax, and it has not failed. */
  #isRelaxable: boolean;
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
    this.#isRelaxable = (this.#timeline?.unknown.length ?? 0) > 0;
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

  /** One search after the other, by how many operations of unknown outcome they allow at once. */
  *#lookFor(): Generator<undefined, SearchProgress> {
    const timeline = this.#timeline;
    if (timeline === undefined) return 'no-memory';
    let progress: SearchProgress = 'running';
    for (const atOnce of this.#model.fewUnknownFirst === true ? FEW_FIRST : ALL) {
      this.#searchShare.releaseAll();
      const search = new Search(timeline, this.#model, this.#searchShare, atOnce);
      progress = yield* this.#takeTurns(search, timeline);
      if (progress !== 'exhausted' || this.#attempt !== search || !search.isCut) return progress;
    }
    return progress;
  }

  /** A search and, where it does not find an end soon, the relaxation: nobody knows which is faster. */
  *#takeTurns(
    search: Search<State, Input, Output>,
    timeline: Timeline<Input, Output>,
  ): Generator<undefined, SearchProgress> {
    let turn = STEPS_BEFORE_RELAXATION + STEPS_AN_OPERATION * timeline.ranked.length;
    for (;;) {
      const searched = yield* this.#goOn(
        search,
        this.#isRelaxable ? turn : Number.POSITIVE_INFINITY,
      );
      if (searched !== 'running') return searched;
      this.#relaxation ??= new Relaxation(timeline, this.#model, this.#share.costs);
      const relaxed = yield* this.#goOn(this.#relaxation, turn);
      if (relaxed === 'found' || relaxed === 'exhausted') return relaxed;
      if (relaxed !== 'running') {
        this.#relaxation.close();
        this.#isRelaxable = false;
      }
      turn *= LONGER_TURNS;
    }
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
