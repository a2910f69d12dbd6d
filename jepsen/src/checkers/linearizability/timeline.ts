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

/** An operation of unknown outcome that is known to have no effect after some moment. */
export type BoundedOperation<Input> = UnknownOperation<Input> & { readonly latestAt: number };

/** What is decided by some moment: a done operation by its return, a bounded one by its last. */
export type RankedOperation<Input, Output> = DoneOperation<Input, Output> | BoundedOperation<Input>;

/** What a timeline says of times, by rank. */
interface Times {
  readonly calledAt: Float64Array;
  readonly endsAt: Float64Array;
  readonly openStart: Float64Array;
}

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
 *
 * One of unknown outcome that has a last moment is ranked among them as if it returned then, but may
 * be passed over: it takes effect by then, or never.
 */
export class Timeline<Input, Output> {
  /** By rank. */
  readonly ranked: readonly RankedOperation<Input, Output>[];
  /** By rank: when it was called, and when it returned or can take effect at the latest. */
  readonly calledAt: Float64Array;
  readonly endsAt: Float64Array;
  /** By rank: 1 where it may be passed over, as one that had no effect. */
  readonly isOptional: Uint8Array;
  readonly hasOptional: boolean;
  /** Of unknown outcome without a last moment, by their calls. Those that only read are left out: they bind nobody. */
  readonly unknown: readonly UnknownOperation<Input>[];
  /**
   * The ranks open when rank r returned are open[openStart[r]] up to open[openStart[r + 1]]. Who
   * returned first comes first: that is tried first, and is right far more often than not.
   */
  readonly open: Int32Array;
  readonly openStart: Float64Array;
  readonly slots: number;
  /** Of those that may be passed over, which have slots of their own. */
  readonly optionalSlots: number;
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
    ranked: readonly RankedOperation<Input, Output>[],
    unknown: readonly UnknownOperation<Input>[],
    { calledAt, endsAt, openStart }: Times,
    model: Nature<Input, Output>,
  ) {
    this.ranked = ranked;
    this.unknown = unknown;
    this.calledAt = calledAt;
    this.endsAt = endsAt;
    this.openStart = openStart;
    this.isOptional = Uint8Array.from(ranked, ({ outcome }) => (outcome === 'done' ? 0 : 1));
    this.hasOptional = this.isOptional.includes(1);
    this.readsOnly = Uint8Array.from(ranked, (operation) => (model.readsOnly(operation) ? 1 : 0));
    this.open = new Int32Array(openStart[ranked.length] ?? 0);
    this.slotOf = new Int32Array(ranked.length);
    [this.slots, this.optionalSlots] = this.#fillOpen();
    this.effectOf = this.#numberEffects(model);
    this.unknownCalled = calledBefore(unknown, this.endsAt);
    this.unknownEffects = sameEffects(unknown, model);
    this.effectsCalled = effectsCalled(this.unknownEffects, this.unknownCalled);
  }

  /** Undefined if there is no memory for it. */
  static prepare<Input, Output>(
    operations: readonly EffectiveOperation<Input, Output>[],
    model: Nature<Input, Output>,
    share: MemoryShare,
  ): Timeline<Input, Output> | undefined {
    const ranked: RankedOperation<Input, Output>[] = [];
    const unknown: UnknownOperation<Input>[] = [];
    for (const operation of operations) {
      if (operation.outcome === 'done') ranked.push(operation);
      else if (model.readsOnly(operation)) continue;
      else if (isBounded(operation)) ranked.push(operation);
      else unknown.push(operation);
    }
    ranked.sort((a, b) => endOf(a) - endOf(b));
    unknown.sort((a, b) => a.invokedAt - b.invokedAt);
    const times = timesOf(ranked);
    const opens = times.openStart[ranked.length] ?? 0;
    if (!share.take(NUMBER_BYTES * opens + OPERATION_BYTES * operations.length)) return undefined;
    return new Timeline(ranked, unknown, times, model);
  }

  /** Goes through the returns with the operations that are open, and gives each its slot. */
  #fillOpen(): readonly [slots: number, optionalSlots: number] {
    const { ranked, calledAt, endsAt, open, slotOf, isOptional } = this;
    const byCall = Uint32Array.from(ranked.keys()).sort(
      (a, b) => (calledAt[a] ?? 0) - (calledAt[b] ?? 0),
    );
    const openNow: number[] = [];
    const freeSlots: readonly [number[], number[]] = [[], []];
    const slots: [number, number] = [0, 0];
    let called = 0;
    let filled = 0;
    for (let rank = 0; rank < ranked.length; rank++) {
      const end = endsAt[rank] ?? 0;
      for (; called < byCall.length; called++) {
        const next = byCall[called] ?? 0;
        if ((calledAt[next] ?? 0) > end) break;
        openNow.splice(openNow.findLastIndex((other) => other < next) + 1, 0, next);
        const kind = isOptional[next] === 1 ? 1 : 0;
        slotOf[next] = freeSlots[kind].pop() ?? slots[kind]++;
      }
      for (const other of openNow) open[filled++] = other;
      openNow.shift(); // the lowest, which has returned
      freeSlots[isOptional[rank] === 1 ? 1 : 0].push(slotOf[rank] ?? 0);
    }
    return slots;
  }

  /** Reads need no number: they are placed where they fit, all of them. */
  #numberEffects(model: Nature<Input, Output>): Int32Array {
    const [ofDone, ofOptional] = [new Map<string, number>(), new Map<string, number>()];
    return Int32Array.from(this.ranked, (operation, rank) => {
      if (this.readsOnly[rank] === 1 || model.effect === undefined) return rank;
      const effect = model.effect(operation);
      const numbers = operation.outcome === 'done' ? ofDone : ofOptional;
      const known = numbers.get(effect);
      if (known === undefined) numbers.set(effect, rank);
      return known ?? rank;
    });
  }
}

function isBounded<Input>(
  operation: UnknownOperation<Input>,
): operation is BoundedOperation<Input> {
  return operation.latestAt !== undefined;
}

function endOf(operation: RankedOperation<unknown, unknown>): number {
  return operation.outcome === 'done' ? operation.returnedAt : operation.latestAt;
}

function timesOf(ranked: readonly RankedOperation<unknown, unknown>[]): Times {
  const calledAt = Float64Array.from(ranked, ({ invokedAt }) => invokedAt);
  const endsAt = Float64Array.from(ranked, endOf);
  return { calledAt, endsAt, openStart: openStarts(calledAt, endsAt) };
}

/** When rank r returns, all that had been called are open, but for the r that returned before. */
function openStarts(calledAt: Float64Array, endsAt: Float64Array): Float64Array {
  const calls = calledAt.slice().sort();
  const starts = new Float64Array(endsAt.length + 1);
  let called = 0;
  let total = 0;
  for (let rank = 0; rank < endsAt.length; rank++) {
    const end = endsAt[rank] ?? 0;
    while (called < calls.length && (calls[called] ?? 0) <= end) called += 1;
    total += called - rank;
    starts[rank + 1] = total;
  }
  return starts;
}

function calledBefore(
  unknown: readonly UnknownOperation<unknown>[],
  endsAt: Float64Array,
): Int32Array {
  let called = 0;
  return Int32Array.from(endsAt, (end) => {
    while ((unknown[called]?.invokedAt ?? Number.POSITIVE_INFINITY) <= end) called += 1;
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
