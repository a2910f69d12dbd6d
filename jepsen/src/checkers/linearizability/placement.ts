import type { EffectiveOperation } from '../../histories/operation.js';
import { type Configurations, NONE } from './configurations.js';
import type { Costs, MemoryShare } from './costs.js';
import type { Model } from './model.js';
import { NO_STATE, StateTable } from './state-table.js';
import type { Timeline } from './timeline.js';

/** The answer of `transition`: the operation does not fit. */
export const IMPOSSIBLE = -1;

/** What led to a record: a rank, a number below 0 for one of unknown outcome, or one of these. */
export const BEGIN = 0x7fff_ffff;
/** The lowest rank was passed over, as one that had no effect. */
export const PASS_OVER = 0x7fff_fffe;

/** What placing an operation does to the configuration at hand, and when it makes sense. */
export class Placement<State, Input, Output> {
  readonly #timeline: Timeline<Input, Output>;
  readonly #model: Model<State, Input, Output>;
  readonly #configurations: Configurations;
  readonly #states: StateTable<State>;
  /** By state: the highest rank that is possible nowhere else. By rank: the next lower, or NONE. */
  readonly #lastOnlyIn = new Map<number, number>();
  readonly #onlyInBefore: Int32Array;
  readonly #costs: Costs;
  /** The bit of the first slot of those that may be passed over, among what a configuration used. */
  readonly #firstOptional: number;
  #isOutOfMemory = false;

  /** @param firstOptional so many bits of what a configuration used are the caller's */
  constructor(
    timeline: Timeline<Input, Output>,
    model: Model<State, Input, Output>,
    configurations: Configurations,
    share: MemoryShare,
    firstOptional: number,
  ) {
    this.#timeline = timeline;
    this.#model = model;
    this.#configurations = configurations;
    this.#states = new StateTable(model, share);
    this.#costs = share.costs;
    this.#firstOptional = firstOptional;
    this.#onlyInBefore = new Int32Array(timeline.ranked.length).fill(NONE);
    for (let rank = 0; rank < timeline.ranked.length; rank++) this.#noteOnlyIn(rank);
  }

  /** A state could not be kept: what was answered since then is worth nothing. */
  get isOutOfMemory(): boolean {
    return this.#isOutOfMemory;
  }

  /** Puts the configuration at hand in which nothing is placed yet. */
  begin(): void {
    const configurations = this.#configurations;
    configurations.low = 0;
    configurations.state = this.#numberOf(this.#model.init());
    configurations.price = 0;
    configurations.placed.fill(0);
    configurations.used.fill(0);
  }

  /** The number of the state after an operation, or IMPOSSIBLE. */
  transition(state: number, operation: EffectiveOperation<Input, Output> | undefined): number {
    if (operation === undefined || state < 0) return IMPOSSIBLE;
    this.#costs.steps += 1;
    const before = this.#states.state(state);
    const after = this.#model.step(before, operation);
    if (after === before) return state;
    return after === undefined ? IMPOSSIBLE : this.#numberOf(after);
  }

  /**
   * Puts the configuration at hand that follows from a record once the operation at `index` of the
   * open ones has taken effect. False if that is impossible, or leads nowhere that others don't.
   */
  follow(record: number, index: number): boolean {
    const { open, ranked } = this.#timeline;
    const configurations = this.#configurations;
    const rank = open[index] ?? 0;
    if (this.#isPlaced(record, rank) || this.#isLikeOneBefore(record, index)) return false;
    const next = this.transition(configurations.stateOf(record), ranked[rank]);
    if (next === IMPOSSIBLE || !this.mayLeave(record, next, rank)) return false;
    configurations.load(record);
    configurations.state = next;
    this.#place(rank);
    this.settle();
    return true;
  }

  /** The same where the lowest rank is passed over, as if it were not there. */
  passOver(record: number): void {
    this.#configurations.load(record);
    this.#leaveLowest();
    this.settle();
  }

  /**
   * Does again what led to a record, and writes down what was placed.
   *
   * @param unknown the one of unknown outcome that led to it
   */
  repeat(
    record: number,
    order: EffectiveOperation<Input, Output>[],
    unknown: EffectiveOperation<Input, Output> | undefined,
  ): void {
    const configurations = this.#configurations;
    const step = configurations.stepOf(record);
    const operation = step < 0 ? unknown : this.#timeline.ranked[step];
    if (operation !== undefined) order.push(operation);
    if (step === BEGIN) this.begin();
    else configurations.load(configurations.parentOf(record));
    if (step === PASS_OVER) this.#leaveLowest();
    else if (step >= 0 && operation !== undefined) this.#place(step);
    configurations.state = configurations.stateOf(record);
    this.settle(order);
  }

  /** Marks an operation as placed in the configuration at hand; its state is the caller's. */
  #place(rank: number): void {
    this.#setPlaced(rank);
    this.#advance();
  }

  #leaveLowest(): void {
    this.#configurations.low += 1;
    this.#advance();
  }

  /**
   * Places, in the configuration at hand, all reads that fit. Says whether there were any.
   *
   * @param order where to write down what is placed
   */
  settle(order?: EffectiveOperation<Input, Output>[]): boolean {
    const { open, openStart, slotOf, readsOnly, ranked } = this.#timeline;
    const configurations = this.#configurations;
    let placedAny = false;
    while (configurations.low < ranked.length) {
      const { low, state } = configurations;
      const end = openStart[low + 1] ?? 0;
      for (let i = openStart[low] ?? 0; i < end; i++) {
        const rank = open[i] ?? 0;
        if (readsOnly[rank] !== 1 || hasBit(configurations.placed, slotOf[rank] ?? 0)) continue;
        const operation = ranked[rank];
        if (this.transition(state, operation) === IMPOSSIBLE) continue;
        this.#setPlaced(rank);
        if (operation !== undefined) order?.push(operation);
        placedAny = true;
      }
      if (!this.#advance()) break;
    }
    return placedAny;
  }

  /**
   * Whether everything that is possible only in a record's state is placed there.
   *
   * @param next the state that would follow
   * @param placedNow the rank that would be placed now, or NONE
   */
  mayLeave(record: number, next: number, placedNow: number): boolean {
    const configurations = this.#configurations;
    const state = configurations.stateOf(record);
    if (next === state) return true;
    const { calledAt, endsAt, slotOf } = this.#timeline;
    const low = configurations.lowOf(record);
    const lowReturns = endsAt[low] ?? 0;
    let rank = this.#lastOnlyIn.get(state) ?? NONE;
    for (; rank >= low; rank = this.#onlyInBefore[rank] ?? NONE) {
      if (rank === placedNow) continue;
      const isOpen = (calledAt[rank] ?? 0) <= lowReturns;
      // What may be passed over is possible in other states too.
      if (!isOpen || !configurations.isPlaced(record, slotOf[rank] ?? 0)) return false;
    }
    return true;
  }

  /**
   * Whether an open operation that returned earlier than the one at `index` of `open` does the
   * same. It comes first: if that leads nowhere this one won't, because they could change places.
   */
  #isLikeOneBefore(record: number, index: number): boolean {
    const { open, openStart, effectOf } = this.#timeline;
    const effect = effectOf[open[index] ?? 0];
    for (let i = openStart[this.#configurations.lowOf(record)] ?? 0; i < index; i++) {
      const rank = open[i] ?? 0;
      if (effectOf[rank] === effect && !this.#isPlaced(record, rank)) return true;
    }
    return false;
  }

  /** Whether a rank is placed in a record. */
  #isPlaced(record: number, rank: number): boolean {
    const { slotOf, isOptional } = this.#timeline;
    const slot = slotOf[rank] ?? 0;
    if (isOptional[rank] !== 1) return this.#configurations.isPlaced(record, slot);
    return this.#configurations.isUsed(record, this.#firstOptional + slot);
  }

  /** Of unknown operations of one effect, the first called that a record did not use, or NONE. */
  firstUnused(record: number, places: Int32Array | undefined): number {
    if (places === undefined) return NONE;
    const configurations = this.#configurations;
    // They are used in the order of their calls, so that the used ones come first.
    let low = 0;
    let high = places.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (configurations.isUsed(record, places[middle] ?? 0)) low = middle + 1;
      else high = middle;
    }
    const place = places[low] ?? NONE;
    const called = this.#timeline.unknownCalled[configurations.lowOf(record)] ?? 0;
    return place < called ? place : NONE;
  }

  #noteOnlyIn(rank: number): void {
    const operation = this.#timeline.ranked[rank];
    if (operation?.outcome !== 'done') return;
    const state = this.#model.onlyIn?.(operation);
    if (state === undefined) return;
    const number = this.#numberOf(state);
    this.#onlyInBefore[rank] = this.#lastOnlyIn.get(number) ?? NONE;
    this.#lastOnlyIn.set(number, rank);
  }

  #setPlaced(rank: number): void {
    const { placed, used } = this.#configurations;
    const { slotOf, isOptional } = this.#timeline;
    const slot = slotOf[rank] ?? 0;
    if (isOptional[rank] === 1) setBit(used, this.#firstOptional + slot);
    else setBit(placed, slot);
  }

  /** Goes on to the lowest rank that is not placed, and frees the slots of those before it. */
  #advance(): boolean {
    const configurations = this.#configurations;
    const { placed, used } = configurations;
    const { slotOf, isOptional, ranked } = this.#timeline;
    const before = configurations.low;
    while (configurations.low < ranked.length) {
      const slot = slotOf[configurations.low] ?? 0;
      const optional = isOptional[configurations.low] === 1;
      const [bits, bit] = optional ? [used, this.#firstOptional + slot] : [placed, slot];
      if (!hasBit(bits, bit)) break;
      clearBit(bits, bit);
      configurations.low += 1;
    }
    return configurations.low > before;
  }

  #numberOf(state: State): number {
    const number = this.#states.numberOf(state);
    if (number === NO_STATE) this.#isOutOfMemory = true;
    return number;
  }
}

function hasBit(bits: Int32Array, bit: number): boolean {
  return ((bits[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0;
}

function setBit(bits: Int32Array, bit: number): void {
  bits[bit >>> 5] = (bits[bit >>> 5] ?? 0) | (1 << (bit & 31));
}

function clearBit(bits: Int32Array, bit: number): void {
  bits[bit >>> 5] = (bits[bit >>> 5] ?? 0) & ~(1 << (bit & 31));
}
