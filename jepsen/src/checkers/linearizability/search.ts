import type { EffectiveOperation } from '../../histories/operation.js';
import { Configurations, NO_MEMORY, NONE } from './configurations.js';
import type { MemoryShare } from './memory-budget.js';
import type { Model } from './model.js';
import { NO_STATE, StateTable } from './state-table.js';
import type { Timeline } from './timeline.js';

/** found: they can be placed. exhausted: they can't. no-memory: nobody knows. */
export type SearchProgress = 'running' | 'found' | 'exhausted' | 'no-memory';

/** What led to a record: a rank, the complement of an unknown operation's place, or one of these. */
const BEGIN = 0x7fff_ffff;
const ONLY_READS = 0x7fff_fffe;

/** The answer of `#transition`: the operation does not fit. */
const IMPOSSIBLE = -1;

/** Where the search stands in the configurations that differ in unknown operations only. */
interface Frame {
  /** The configuration from which done operations are tried, and which of the open ones is next. */
  current: number;
  nextOpen: number;
  /** The configuration whose unknown operations are tried next, and which: effects up to this. */
  source: number;
  nextEffect: number;
  /** Those that wait to become `source`. */
  readonly waiting: number[];
}

/**
 * Looks for an order in which every done operation took effect between its call and its return
 * (Wing and Gong, Testing and verifying concurrent objects, 1993), depth first, never visiting a
 * configuration twice (Lowe, 2017). What is added to that:
 * - an operation that only reads is placed as soon as it fits. That never harms: it was called,
 *   nothing changes by it, and the others follow as they would have without it.
 * - operations of unknown outcome are tried only where no done one leads on, fewest first, and a
 *   configuration that used more of them than another is as good as visited.
 * - they need not be placed at all: the search ends when the last done one is.
 * - where the model knows that a state does not come back, it is not left before everything that
 *   needs it is placed.
 */
export class Search<State, Input, Output> {
  readonly #timeline: Timeline<Input, Output>;
  readonly #model: Model<State, Input, Output>;
  readonly #states: StateTable<State>;
  readonly #configurations: Configurations;
  /** The path that is being tried: so many of the frames as `depth` says. They are used again. */
  readonly #frames: Frame[] = [];
  #depth = 0;
  #progress: SearchProgress = 'running';
  #steps = 0;
  #goalRecord = NONE;
  /** By state: the ranks that are possible nowhere else, the highest first. */
  readonly #onlyIn = new Map<number, number[]>();

  constructor(
    timeline: Timeline<Input, Output>,
    model: Model<State, Input, Output>,
    share: MemoryShare,
  ) {
    this.#timeline = timeline;
    this.#model = model;
    this.#states = new StateTable(model, share);
    this.#configurations = new Configurations(timeline.slots, timeline.unknown.length, share);
    this.#begin();
  }

  /** Times that the model was asked for a step. */
  get steps(): number {
    return this.#steps;
  }

  get configurations(): number {
    return this.#configurations.count;
  }

  /** Goes on for about so many steps. */
  run(steps: number): SearchProgress {
    const end = this.#steps + steps;
    while (this.#progress === 'running' && this.#steps < end) {
      const frame = this.#frames[this.#depth - 1];
      if (frame === undefined) this.#progress = 'exhausted';
      else if (!this.#tryDone(frame) && !this.#tryUnknown(frame)) this.#depth -= 1;
    }
    return this.#progress;
  }

  /** The order that was found: what was placed, from the first on. */
  order(): readonly EffectiveOperation<Input, Output>[] {
    const order: EffectiveOperation<Input, Output>[] = [];
    for (const record of this.#pathTo(this.#goalRecord)) {
      this.#repeat(record, order);
    }
    return order;
  }

  #begin(): void {
    const configurations = this.#configurations;
    configurations.low = 0;
    configurations.state = this.#numberOf(this.#model.init());
    this.#findOnlyIn();
    if (this.#progress !== 'running') return;
    this.#settle();
    this.#enter(NONE, BEGIN);
  }

  #findOnlyIn(): void {
    const { done } = this.#timeline;
    for (let rank = done.length - 1; rank >= 0; rank--) {
      const operation = done[rank];
      const state = operation && this.#model.onlyIn?.(operation);
      if (state === undefined) continue;
      const number = this.#numberOf(state);
      const ranks = this.#onlyIn.get(number);
      if (ranks === undefined) this.#onlyIn.set(number, [rank]);
      else ranks.push(rank);
    }
  }

  /** Places the next open operation that leads somewhere new. */
  #tryDone(frame: Frame): boolean {
    const { open, openStart, slotOf, readsOnly, done } = this.#timeline;
    const configurations = this.#configurations;
    const { current } = frame;
    const state = configurations.stateOf(current);
    const end = openStart[configurations.lowOf(current) + 1] ?? 0;
    while (frame.nextOpen < end && this.#progress === 'running') {
      const rank = open[frame.nextOpen++] ?? 0;
      // A read that fits was placed when this configuration was met.
      if (readsOnly[rank] === 1) continue;
      if (configurations.isPlaced(current, slotOf[rank] ?? 0)) continue;
      if (this.#isLikeOneBefore(current, frame.nextOpen - 1)) continue;
      const next = this.#transition(state, done[rank]);
      if (next === IMPOSSIBLE || !this.#mayLeave(current, next, rank)) continue;
      configurations.load(current);
      configurations.state = next;
      this.#place(rank);
      this.#settle();
      if (this.#enter(current, rank)) return true;
    }
    return false;
  }

  /**
   * Whether an open operation that returned earlier does the same: it was tried, and if this one
   * led anywhere, that one would, because they could change places.
   */
  #isLikeOneBefore(current: number, index: number): boolean {
    const { open, openStart, slotOf, effectOf } = this.#timeline;
    const configurations = this.#configurations;
    const effect = effectOf[open[index] ?? 0];
    for (let i = openStart[configurations.lowOf(current)] ?? 0; i < index; i++) {
      const rank = open[i] ?? 0;
      if (effectOf[rank] !== effect) continue;
      if (!configurations.isPlaced(current, slotOf[rank] ?? 0)) return true;
    }
    return false;
  }

  /** Lets the next unknown operation take effect, and makes `current` what follows from it. */
  #tryUnknown(frame: Frame): boolean {
    const configurations = this.#configurations;
    while (this.#progress === 'running') {
      const next = this.#nextUnknown(frame);
      if (next === NONE) {
        const source = frame.waiting.shift();
        if (source === undefined) return false;
        this.#expand(frame, source);
        continue;
      }
      const record = configurations.add(frame.source, ~next);
      if (record === NO_MEMORY) this.#progress = 'no-memory';
      if (record < 0) continue;
      frame.current = record;
      frame.nextOpen = this.#timeline.openStart[configurations.low] ?? 0;
      if (!this.#settle()) {
        frame.waiting.push(record);
        return true;
      }
      // Reads that fit now are placed, and nothing else has to be tried from there.
      frame.nextOpen = Number.POSITIVE_INFINITY;
      if (this.#enter(record, ONLY_READS)) return true;
    }
    return false;
  }

  /** Whether all that is possible only in a record's state is placed, but for one that is now. */
  #mayLeave(record: number, next: number, placedNow: number): boolean {
    const configurations = this.#configurations;
    const state = configurations.stateOf(record);
    const ranks = next === state ? undefined : this.#onlyIn.get(state);
    if (ranks === undefined) return true;
    const { done, slotOf } = this.#timeline;
    const low = configurations.lowOf(record);
    const lowReturns = done[low]?.returnedAt ?? 0;
    for (const rank of ranks) {
      if (rank < low) break;
      if (rank === placedNow) continue;
      const isOpen = (done[rank]?.invokedAt ?? 0) <= lowReturns;
      if (!isOpen || !configurations.isPlaced(record, slotOf[rank] ?? 0)) return false;
    }
    return true;
  }

  /** Puts the configuration after the next unknown operation of `source` at hand. */
  #nextUnknown(frame: Frame): number {
    const { unknown, unknownEffects } = this.#timeline;
    const configurations = this.#configurations;
    const { source } = frame;
    const state = configurations.stateOf(source);
    while (frame.nextEffect >= 0) {
      const place = this.#firstUnused(source, unknownEffects[frame.nextEffect--]);
      if (place === NONE) continue;
      const next = this.#transition(state, unknown[place]);
      if (next === IMPOSSIBLE || next === state) continue;
      if (!this.#mayLeave(source, next, NONE)) continue;
      configurations.load(source);
      configurations.state = next;
      const { used } = configurations;
      used[place >>> 5] = (used[place >>> 5] ?? 0) | (1 << (place & 31));
      return place;
    }
    return NONE;
  }

  /** Those of one effect are used in the order of their calls. */
  #firstUnused(source: number, places: Int32Array | undefined): number {
    if (places === undefined) return NONE;
    const configurations = this.#configurations;
    let low = 0;
    let high = places.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (configurations.isUsed(source, places[middle] ?? 0)) low = middle + 1;
      else high = middle;
    }
    const place = places[low] ?? NONE;
    const called = this.#timeline.unknownCalled[configurations.lowOf(source)] ?? 0;
    return place < called ? place : NONE;
  }

  /** Keeps the configuration at hand and goes on from there, if it is new. */
  #enter(parent: number, step: number): boolean {
    const configurations = this.#configurations;
    const record = configurations.add(parent, step);
    if (record === NO_MEMORY) this.#progress = 'no-memory';
    if (record < 0) return false;
    if (configurations.low >= this.#timeline.done.length) {
      this.#goalRecord = record;
      this.#progress = 'found';
      return true;
    }
    const frame = this.#frameAt(this.#depth++);
    frame.current = record;
    frame.nextOpen = this.#timeline.openStart[configurations.low] ?? 0;
    frame.waiting.length = 0;
    this.#expand(frame, record);
    return true;
  }

  #frameAt(depth: number): Frame {
    const known = this.#frames[depth];
    if (known !== undefined) return known;
    const frame = { current: NONE, nextOpen: 0, source: NONE, nextEffect: NONE, waiting: [] };
    this.#frames.push(frame);
    return frame;
  }

  /** The newest unknown operations come first: most take effect soon, if they do. */
  #expand(frame: Frame, source: number): void {
    frame.source = source;
    const low = this.#configurations.lowOf(source);
    frame.nextEffect = (this.#timeline.effectsCalled[low] ?? 0) - 1;
  }

  /** Places, in the configuration at hand, all reads that fit. Says whether there were any. */
  #settle(order?: EffectiveOperation<Input, Output>[]): boolean {
    const { open, openStart, slotOf, readsOnly, done } = this.#timeline;
    const configurations = this.#configurations;
    let placedAny = false;
    while (configurations.low < done.length) {
      const { low, state } = configurations;
      const end = openStart[low + 1] ?? 0;
      for (let i = openStart[low] ?? 0; i < end; i++) {
        const rank = open[i] ?? 0;
        if (readsOnly[rank] !== 1 || this.#isPlaced(slotOf[rank] ?? 0)) continue;
        const operation = done[rank];
        if (this.#transition(state, operation) === IMPOSSIBLE) continue;
        this.#setPlaced(rank);
        if (operation !== undefined) order?.push(operation);
        placedAny = true;
      }
      if (!this.#advance()) break;
    }
    return placedAny;
  }

  #place(rank: number): void {
    this.#setPlaced(rank);
    this.#advance();
  }

  #setPlaced(rank: number): void {
    const { placed } = this.#configurations;
    const slot = this.#timeline.slotOf[rank] ?? 0;
    placed[slot >>> 5] = (placed[slot >>> 5] ?? 0) | (1 << (slot & 31));
  }

  #isPlaced(slot: number): boolean {
    return ((this.#configurations.placed[slot >>> 5] ?? 0) & (1 << (slot & 31))) !== 0;
  }

  /** Goes on to the lowest rank that is not placed, and frees the slots of those before it. */
  #advance(): boolean {
    const configurations = this.#configurations;
    const { slotOf, done } = this.#timeline;
    const before = configurations.low;
    while (configurations.low < done.length) {
      const slot = slotOf[configurations.low] ?? 0;
      if (!this.#isPlaced(slot)) break;
      const { placed } = configurations;
      placed[slot >>> 5] = (placed[slot >>> 5] ?? 0) & ~(1 << (slot & 31));
      configurations.low += 1;
    }
    return configurations.low > before;
  }

  #transition(state: number, operation: EffectiveOperation<Input, Output> | undefined): number {
    if (operation === undefined) return IMPOSSIBLE;
    this.#steps += 1;
    const before = this.#states.state(state);
    const after = this.#model.step(before, operation);
    if (after === before) return state;
    return after === undefined ? IMPOSSIBLE : this.#numberOf(after);
  }

  #numberOf(state: State): number {
    const number = this.#states.numberOf(state);
    if (number !== NO_STATE) return number;
    this.#progress = 'no-memory';
    return IMPOSSIBLE;
  }

  #pathTo(record: number): readonly number[] {
    const path: number[] = [];
    for (let at = record; at !== NONE; at = this.#configurations.parentOf(at)) path.push(at);
    return path.reverse();
  }

  /** Does again what led to a record, and writes down what was placed. */
  #repeat(record: number, order: EffectiveOperation<Input, Output>[]): void {
    const { done, unknown } = this.#timeline;
    const configurations = this.#configurations;
    const step = configurations.stepOf(record);
    if (step < 0) {
      const operation = unknown[~step];
      if (operation !== undefined) order.push(operation);
      return;
    }
    if (step === BEGIN) {
      configurations.load(record);
      configurations.low = 0;
      configurations.placed.fill(0);
    } else configurations.load(configurations.parentOf(record));
    const operation = done[step];
    if (operation !== undefined) {
      order.push(operation);
      this.#place(step);
    }
    configurations.state = configurations.stateOf(record);
    this.#settle(order);
  }
}
