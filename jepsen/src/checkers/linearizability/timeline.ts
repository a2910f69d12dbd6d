import type {
  DoneOperation,
  EffectiveOperation,
  UnknownOperation,
} from '../../histories/operation.js';
import type { MemoryShare } from './costs.js';
import { groupBy } from './group-by.js';
import type { Model } from './model.js';

/** What a model says of operations without looking at states. */
type Nature<Input, Output> = Pick<Model<unknown, Input, Output>, 'readsOnly' | 'effect'>;

/** Of an operation in a timeline, and in the path of a search. */
const OPERATION_BYTES = 160;
const NUMBER_BYTES = 4;

/**
 * What a search needs to know of the times of a history, prepared once.
 *
 * The done operations are ranked by their returns. Say that all ranks below `low` are placed and
 * `low` is not: then whatever else is placed was called before `low` returned and returned later,
 * so it was open when `low` returned. A set of placed operations is therefore `low` and one bit
 * for each of those few, however long the history is. The bits are slots, which operations share
 * that are never open together.
 */
export class Timeline<Input, Output> {
  /** By rank. */
  readonly done: readonly DoneOperation<Input, Output>[];
  /** By their calls. Those that only read are left out: they bind nobody. */
  readonly unknown: readonly UnknownOperation<Input>[];
  /**
   * The ranks open when rank r returned are open[openStart[r]] up to open[openStart[r + 1]]. Who
   * returned first comes first: that is tried first, and is right far more often than not.
   */
  readonly open: Int32Array;
  readonly openStart: Float64Array;
  readonly slots: number;
  /** By rank. */
  readonly slotOf: Int32Array;
  /** By rank: 1 where `Model.readsOnly`. */
  readonly readsOnly: Uint8Array;
  /** By rank: those that have the same number have the same effect. */
  readonly effectOf: Int32Array;
  /** By rank: so many of `unknown` had been called when it returned. */
  readonly unknownCalled: Int32Array;
  /**
   * Places in `unknown` that have the same effect, by their calls: only the first of them that is
   * not used has to be tried. The effects are ordered by their first calls.
   */
  readonly unknownEffects: readonly Int32Array[];
  /** By rank: so many of `unknownEffects` had been called when it returned. */
  readonly effectsCalled: Int32Array;

  private constructor(
    done: readonly DoneOperation<Input, Output>[],
    unknown: readonly UnknownOperation<Input>[],
    openStart: Float64Array,
    model: Nature<Input, Output>,
  ) {
    this.done = done;
    this.unknown = unknown;
    this.readsOnly = Uint8Array.from(done, (operation) => (model.readsOnly(operation) ? 1 : 0));
    this.openStart = openStart;
    this.open = new Int32Array(openStart[done.length] ?? 0);
    this.slotOf = new Int32Array(done.length);
    this.slots = this.#fillOpen();
    this.effectOf = this.#numberEffects(model);
    this.unknownCalled = calledBefore(unknown, done);
    this.unknownEffects = sameEffects(unknown, model);
    this.effectsCalled = effectsCalled(this.unknownEffects, this.unknownCalled);
  }

  /** Undefined if there is no memory for it. */
  static prepare<Input, Output>(
    operations: readonly EffectiveOperation<Input, Output>[],
    model: Nature<Input, Output>,
    share: MemoryShare,
  ): Timeline<Input, Output> | undefined {
    const done: DoneOperation<Input, Output>[] = [];
    const unknown: UnknownOperation<Input>[] = [];
    for (const operation of operations) {
      if (operation.outcome === 'done') done.push(operation);
      else if (!model.readsOnly(operation)) unknown.push(operation);
    }
    done.sort((a, b) => a.returnedAt - b.returnedAt);
    unknown.sort((a, b) => a.invokedAt - b.invokedAt);
    const openStart = openStarts(done);
    const opens = openStart[done.length] ?? 0;
    if (!share.take(NUMBER_BYTES * opens + OPERATION_BYTES * operations.length)) return undefined;
    return new Timeline(done, unknown, openStart, model);
  }

  /** Goes through the returns with the operations that are open, and gives each its slot. */
  #fillOpen(): number {
    const { done, open, slotOf } = this;
    const byCall = Array.from(done.keys()).sort((a, b) => invokedAt(done, a) - invokedAt(done, b));
    const openNow: number[] = [];
    const freeSlots: number[] = [];
    let slots = 0;
    let called = 0;
    let end = 0;
    for (let rank = 0; rank < done.length; rank++) {
      const returnedAt = done[rank]?.returnedAt ?? 0;
      for (; called < byCall.length; called++) {
        const next = byCall[called] ?? 0;
        if (invokedAt(done, next) > returnedAt) break;
        openNow.splice(openNow.findLastIndex((other) => other < next) + 1, 0, next);
        slotOf[next] = freeSlots.pop() ?? slots++;
      }
      for (const other of openNow) open[end++] = other;
      openNow.shift(); // the lowest, which has returned
      freeSlots.push(slotOf[rank] ?? 0);
    }
    return slots;
  }

  /** Reads need no number: they are placed where they fit, all of them. */
  #numberEffects(model: Nature<Input, Output>): Int32Array {
    const numbers = new Map<string, number>();
    return Int32Array.from(this.done, (operation, rank) => {
      if (this.readsOnly[rank] === 1 || model.effect === undefined) return rank;
      const effect = model.effect(operation);
      const known = numbers.get(effect);
      if (known === undefined) numbers.set(effect, rank);
      return known ?? rank;
    });
  }
}

function invokedAt(done: readonly DoneOperation<unknown, unknown>[], rank: number): number {
  return done[rank]?.invokedAt ?? 0;
}

/** When rank r returns, all that had been called are open, but for the r that returned before. */
function openStarts(done: readonly DoneOperation<unknown, unknown>[]): Float64Array {
  const calls = Float64Array.from(done, (operation) => operation.invokedAt).sort();
  const starts = new Float64Array(done.length + 1);
  let called = 0;
  let total = 0;
  for (let rank = 0; rank < done.length; rank++) {
    const returnedAt = done[rank]?.returnedAt ?? 0;
    while (called < calls.length && (calls[called] ?? 0) <= returnedAt) called += 1;
    total += called - rank;
    starts[rank + 1] = total;
  }
  return starts;
}

function calledBefore(
  unknown: readonly UnknownOperation<unknown>[],
  done: readonly DoneOperation<unknown, unknown>[],
): Int32Array {
  let called = 0;
  return Int32Array.from(done, ({ returnedAt }) => {
    while ((unknown[called]?.invokedAt ?? Number.POSITIVE_INFINITY) <= returnedAt) called += 1;
    return called;
  });
}

/** Places of operations that have the same effect, ordered by the first of them. */
function sameEffects<Input, Output>(
  unknown: readonly UnknownOperation<Input>[],
  model: Nature<Input, Output>,
): readonly Int32Array[] {
  const effects = groupBy(
    unknown.entries(),
    ([place, operation]) => model.effect?.(operation) ?? place,
  );
  return Array.from(effects.values(), (same) => Int32Array.from(same, ([place]) => place));
}

function effectsCalled(effects: readonly Int32Array[], unknownCalled: Int32Array): Int32Array {
  let called = 0;
  return unknownCalled.map((unknown) => {
    while ((effects[called]?.[0] ?? unknown) < unknown) called += 1;
    return called;
  });
}
