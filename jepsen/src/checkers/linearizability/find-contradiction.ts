import type {
  DoneOperation,
  EffectiveOperation,
  UnknownOperation,
} from '../../histories/operation.js';
import type { Costs } from './costs.js';
import type { Model } from './model.js';
import type { SearchProgress } from './search.js';
import { Trial } from './trial.js';

/** The part of all steps that one trial may take; what takes more is taken for possible. */
const CUT_TRIAL_PART = 1 / 8;
const CONTRADICTION_TRIAL_PART = 1 / 20;

/** What it takes to prepare an operation for a trial. */
const STEPS_AN_OPERATION = 8;

/** What was found out about operations that have no order. */
export interface Findings<Input, Output> {
  /**
   * Operations that can't be true together, whatever the others did: whether or not those took effect
   * during their calls, and whatever they were answered. As few as were found, by their returns; all
   * if the limit was reached before.
   */
  readonly contradiction: readonly DoneOperation<Input, Output>[];
  /**
   * The history can be explained up to the return before this one's, and no further: it can't have
   * taken effect at any moment between its call and its return, whatever order the others had.
   * Undefined if the limit was reached before it was found.
   */
  readonly stuck: DoneOperation<Input, Output> | undefined;
  /**
   * One order of everything that returned before `stuck`, and of what else may have happened;
   * empty if the limit was reached.
   */
  readonly order: readonly EffectiveOperation<Input, Output>[];
  /** What was under way when `stuck` returned, and is not in `order`. */
  readonly underWay: readonly EffectiveOperation<Input, Output>[];
}

/**
 * Finds out why operations have no order, by searching again for one of fewer. A done operation is
 * left out by taking its outcome for unknown: it took effect before it returned, or never. That allows
 * everything that was allowed before.
 */
export class Investigation<State, Input, Output> {
  readonly #done: readonly DoneOperation<Input, Output>[];
  readonly #unknown: readonly UnknownOperation<Input>[];
  readonly #model: Model<State, Input, Output>;
  readonly #costs: Costs;
  readonly #maxSteps: number;
  readonly #asUnknown = new Map<DoneOperation<Input, Output>, UnknownOperation<Input>>();
  readonly #original = new Map<EffectiveOperation<Input, Output>, DoneOperation<Input, Output>>();
  /** In the order of returns: up to here there is no order. */
  #cut: number;
  /** Up to here, there may be one. */
  readonly #hint: number;
  #isCutFound = false;
  #order: readonly EffectiveOperation<Input, Output>[] = [];
  #contradiction: readonly DoneOperation<Input, Output>[];
  #effort = 0;

  /**
   * @param operations that have no order, at least one of them done
   * @param maxSteps in all, preparations included
   * @param reachedAt the return up to which the search that failed had found an order, at most
   */
  constructor(
    operations: readonly EffectiveOperation<Input, Output>[],
    model: Model<State, Input, Output>,
    costs: Costs,
    maxSteps: number,
    reachedAt: number | undefined,
  ) {
    const done = operations.filter((operation) => operation.outcome === 'done');
    this.#done = done.sort((a, b) => a.returnedAt - b.returnedAt);
    this.#unknown = operations.filter((operation) => operation.outcome === 'unknown');
    this.#model = model;
    this.#costs = costs;
    this.#maxSteps = maxSteps;
    this.#cut = this.#done.length - 1;
    this.#hint = this.#done.findIndex(({ returnedAt }) => returnedAt >= (reachedAt ?? 0));
    this.#contradiction = this.#done;
  }

  /** Pauses after every trial. */
  *run(): Generator<undefined, void> {
    yield* this.#findCut();
    if (this.#isCutFound) {
      this.#findOrder();
      yield;
    }
    yield* this.#findContradiction();
  }

  /** As far as `run` has come. */
  findings(): Findings<Input, Output> {
    const last = this.#done[this.#cut];
    const placed = new Set<EffectiveOperation<Input, Output>>(this.#order);
    const open = [...this.#done.slice(this.#cut + 1), ...this.#unknown].filter(
      (operation) => operation.invokedAt <= (last?.returnedAt ?? 0) && !placed.has(operation),
    );
    return {
      stuck: this.#isCutFound ? last : undefined,
      order: this.#order,
      underWay: this.#isCutFound ? open.sort((a, b) => a.invokedAt - b.invokedAt) : [],
      contradiction: this.#contradiction,
    };
  }

  /** From where the search came to, in strides that grow until there is no order, then by halves. */
  *#findCut(): Generator<undefined, void> {
    let possible = -1;
    let isCertain = true;
    let next = Math.max(this.#hint, 0);
    let stride = 1;
    while (isCertain && this.#cut - possible > 1) {
      const at = Math.min(next, this.#cut - 1);
      const { progress } = this.#try(this.#done.slice(0, at + 1), CUT_TRIAL_PART);
      yield;
      if (progress === 'exhausted') {
        this.#cut = at;
        stride = Number.NaN;
      } else if (progress === 'found') possible = at;
      else isCertain = false;
      next = stride > 0 ? at + stride : (this.#cut + possible) >>> 1;
      stride *= 2;
    }
    this.#isCutFound = isCertain;
    this.#contradiction = this.#done.slice(0, this.#cut + 1);
  }

  #findOrder(): void {
    const { order } = this.#try(this.#done.slice(0, this.#cut), CUT_TRIAL_PART);
    const stuck = this.#done[this.#cut];
    this.#order = order.map((operation) => {
      const original = this.#original.get(operation);
      return original === undefined || original === stuck ? operation : original;
    });
  }

  /** First the newest of them that are enough, and then without each that is not needed. */
  *#findContradiction(): Generator<undefined, void> {
    yield* this.#findNewest();
    yield* this.#leaveOut();
  }

  /** What contradicts the last is mostly not long ago. */
  *#findNewest(): Generator<undefined, void> {
    const all = this.#contradiction;
    for (let size = 1; size < all.length && this.#effort < this.#maxSteps; size *= 4) {
      const newest = all.slice(-size);
      const { progress } = this.#try(newest, CONTRADICTION_TRIAL_PART);
      yield;
      if (progress !== 'exhausted') continue;
      this.#contradiction = newest;
      return;
    }
  }

  /**
   * Leaves out operations, at first all at once and in the end one by one: first those that only
   * read, because without them fewer states have to be told apart.
   */
  *#leaveOut(): Generator<undefined, void> {
    const last = this.#done[this.#cut];
    for (const reads of [true, false]) {
      let left = this.#contradiction.filter(
        (operation) => operation !== last && this.#model.readsOnly(operation) === reads,
      );
      for (let size = left.length; size > 0; size = size === 1 ? 0 : Math.ceil(size / 2)) {
        for (let start = 0; start < left.length && this.#effort < this.#maxSteps; ) {
          const group = new Set(left.slice(start, start + size));
          const fewer = this.#contradiction.filter((operation) => !group.has(operation));
          const { progress } = this.#try(fewer, CONTRADICTION_TRIAL_PART);
          if (progress === 'exhausted') {
            this.#contradiction = fewer;
            left = left.filter((operation) => !group.has(operation));
          } else start += size;
          yield;
        }
      }
    }
  }

  /** Looks for an order in which only `certain` have to be, up to the return of its last. */
  #try(
    certain: readonly DoneOperation<Input, Output>[],
    part: number,
  ): { progress: SearchProgress; order: readonly EffectiveOperation<Input, Output>[] } {
    const operations = this.#withOnly(certain);
    const before = this.#costs.steps;
    const trial = new Trial(operations, this.#model, this.#costs);
    const progress = trial.run(Math.min(this.#maxSteps * part, this.#maxSteps - this.#effort));
    const order = progress === 'found' ? trial.order() : [];
    trial.close();
    this.#effort += STEPS_AN_OPERATION * operations.length + this.#costs.steps - before;
    return { progress, order };
  }

  #withOnly(
    certain: readonly DoneOperation<Input, Output>[],
  ): readonly EffectiveOperation<Input, Output>[] {
    const end = certain.at(-1)?.returnedAt ?? Number.NEGATIVE_INFINITY;
    const kept = new Set(certain);
    const done = this.#done.map((operation) =>
      kept.has(operation) ? operation : this.#unknownOf(operation),
    );
    return [...done, ...this.#unknown].filter(({ invokedAt }) => invokedAt <= end);
  }

  #unknownOf(operation: DoneOperation<Input, Output>): UnknownOperation<Input> {
    const known = this.#asUnknown.get(operation);
    if (known !== undefined) return known;
    const { process, input, invokedAt, returnedAt: latestAt } = operation;
    const unknown = { process, input, invokedAt, outcome: 'unknown', latestAt } as const;
    this.#asUnknown.set(operation, unknown);
    this.#original.set(unknown, operation);
    return unknown;
  }
}
