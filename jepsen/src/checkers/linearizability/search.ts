import type { EffectiveOperation } from '../../histories/operation.js';
import { Configurations, NO_MEMORY, NONE } from './configurations.js';
import type { Costs, MemoryShare } from './costs.js';
import type { Model } from './model.js';
import { BEGIN, IMPOSSIBLE, PASS_OVER, Placement } from './placement.js';
import type { Timeline } from './timeline.js';

/** found: they can be placed. exhausted: they can't. no-memory: nobody knows. */
export type SearchProgress = 'running' | 'found' | 'exhausted' | 'no-memory';

/** Where the search stands in configurations that differ in unknown operations only. */
interface Frame {
  /** The configuration from which ranked operations are tried, and which of the open ones is next. */
  current: number;
  nextOpen: number;
  /** Of the open ones that may be passed over, which is next; NONE: the lowest may be passed over first. */
  nextOptional: number;
  /** The configuration whose unknown operations are tried next, and which: effects up to this. */
  source: number;
  nextEffect: number;
  /** Those that wait to become `source`, if there ever were any. */
  waiting: number[] | undefined;
}

/**
 * Looks for an order in which every done operation took effect between its call and its return
 * (Wing and Gong, Testing and verifying concurrent objects, 1993), depth first, never visiting a
 * configuration twice (Lowe, Testing for linearizability, 2017). What is added to that:
 * - an operation that only reads is placed as soon as it fits. That never harms: it was called,
 *   nothing changes by it, and the others follow as they would have without it.
 * - operations of unknown outcome are tried only where no done one leads on, fewest first, and a
 *   configuration that used more of them than another is as good as visited.
 * - those that have a last moment are passed over when nothing else is left to place before it: that
 *   never harms, because up to there they may still take effect.
 * - they need not be placed at all: the search ends when the last done one is.
 * - of operations that do the same, one is tried.
 * - where the model knows that a state does not come back, it is not left before everything that
 *   needs it is placed.
 */
export class Search<State, Input, Output> {
  readonly #timeline: Timeline<Input, Output>;
  readonly #configurations: Configurations;
  readonly #placement: Placement<State, Input, Output>;
  readonly #costs: Costs;
  /** The path that is being tried. */
  readonly #frames: Frame[] = [];
  #progress: SearchProgress = 'running';
  #goalRecord = NONE;
  #pauseAtSteps = 0;
  #highestLow = 0;
  readonly #maxUnknownAtOnce: number;
  #isCut = false;

  /**
   * @param maxUnknownAtOnce operations of unknown outcome that take effect one after the other, with
   *   nothing placed in between; beyond that nothing is tried
   */
  constructor(
    timeline: Timeline<Input, Output>,
    model: Model<State, Input, Output>,
    share: MemoryShare,
    maxUnknownAtOnce = Number.POSITIVE_INFINITY,
  ) {
    this.#timeline = timeline;
    this.#maxUnknownAtOnce = maxUnknownAtOnce;
    this.#costs = share.costs;
    // Those that may be passed over are like the unknown ones: who used fewer of them can do more.
    const used = timeline.unknown.length + timeline.optionalSlots;
    this.#configurations = new Configurations(timeline.slots, used, share);
    this.#placement = new Placement(
      timeline,
      model,
      this.#configurations,
      share,
      timeline.unknown.length,
    );
    this.#placement.begin();
    this.#placement.settle();
    this.#enter(NONE, BEGIN);
  }

  /** Goes on for about so many steps. */
  run(steps: number): SearchProgress {
    this.#pauseAtSteps = this.#costs.steps + steps;
    while (this.#progress === 'running') {
      if (this.#placement.isOutOfMemory) this.#progress = 'no-memory';
      else if (this.#costs.steps >= this.#pauseAtSteps) break;
      else this.#goOn();
    }
    return this.#progress;
  }

  /** More operations of unknown outcome at once might have led on. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** The lowest rank that is not placed, in the configuration that came farthest. */
  get highestLow(): number {
    return this.#highestLow;
  }

  /** The order that was found: what was placed, from the first on. */
  order(): readonly EffectiveOperation<Input, Output>[] {
    const { unknown } = this.#timeline;
    const configurations = this.#configurations;
    const order: EffectiveOperation<Input, Output>[] = [];
    for (const record of configurations.pathTo(this.#goalRecord)) {
      this.#placement.repeat(record, order, unknown[~configurations.stepOf(record)]);
    }
    return order;
  }

  #goOn(): void {
    const frame = this.#frames.at(-1);
    if (frame === undefined) this.#progress = 'exhausted';
    else if (this.#tryDone(frame)) return;
    else if (this.#timeline.hasOptional && this.#tryOptional(frame)) return;
    else if (!this.#tryUnknown(frame)) this.#frames.pop();
  }

  /** Places the next open operation that leads somewhere new. False if there is none. */
  #tryDone(frame: Frame): boolean {
    const { open, openStart, readsOnly, isOptional } = this.#timeline;
    const end = openStart[this.#configurations.lowOf(frame.current) + 1] ?? 0;
    while (frame.nextOpen < end && this.#progress === 'running') {
      const index = frame.nextOpen++;
      const rank = open[index] ?? 0;
      // A read that fits was placed when this configuration was met.
      if (readsOnly[rank] === 1 || isOptional[rank] === 1) continue;
      if (this.#place(frame.current, index)) return true;
    }
    return false;
  }

  /** Passes over the lowest where it may be, and then has the others that may be take effect. */
  #tryOptional(frame: Frame): boolean {
    const { open, openStart, isOptional } = this.#timeline;
    const low = this.#configurations.lowOf(frame.current);
    if (frame.nextOptional === NONE) {
      frame.nextOptional = openStart[low] ?? 0;
      if (isOptional[low] === 1 && this.#passOver(frame.current)) return true;
    }
    const end = openStart[low + 1] ?? 0;
    while (frame.nextOptional < end && this.#progress === 'running') {
      const index = frame.nextOptional++;
      if (isOptional[open[index] ?? 0] === 1 && this.#place(frame.current, index)) return true;
    }
    return false;
  }

  #passOver(record: number): boolean {
    this.#placement.passOver(record);
    return this.#enter(record, PASS_OVER);
  }

  /** Has the operation at `index` of the open ones take effect. False if that leads nowhere new. */
  #place(record: number, index: number): boolean {
    if (!this.#placement.follow(record, index)) return false;
    return this.#enter(record, this.#timeline.open[index] ?? 0);
  }

  /**
   * Lets the next unknown operation take effect, and makes `current` what follows from it. False
   * if there is none that leads somewhere new.
   */
  #tryUnknown(frame: Frame): boolean {
    const configurations = this.#configurations;
    while (this.#progress === 'running' && this.#costs.steps < this.#pauseAtSteps) {
      const next = this.#nextUnknown(frame);
      if (next === NONE) {
        const source = frame.waiting?.shift();
        if (source === undefined) return false;
        frame.source = source;
        frame.nextEffect = this.#newestEffect(source);
        continue;
      }
      // Where reads fit now they are placed, and nothing else has to be tried before that.
      if (this.#placement.settle()) {
        if (this.#enter(frame.source, ~next)) return true;
        continue;
      }
      const record = this.#keep(frame.source, ~next);
      if (record === NONE) continue;
      frame.current = record;
      frame.nextOpen = this.#timeline.openStart[configurations.low] ?? 0;
      frame.nextOptional = NONE;
      this.#letWait(frame, record);
      return true;
    }
    return true; // to be continued
  }

  /** Has more unknown operations tried from a record later, unless it came by too many at once. */
  #letWait(frame: Frame, record: number): void {
    const configurations = this.#configurations;
    let atOnce = 0;
    for (let at = record; configurations.stepOf(at) < 0; at = configurations.parentOf(at)) atOnce++;
    if (atOnce >= this.#maxUnknownAtOnce) {
      this.#isCut = true;
      return;
    }
    frame.waiting ??= [];
    frame.waiting.push(record);
  }

  /** Puts the configuration after the next unknown operation of `source` at hand. */
  #nextUnknown(frame: Frame): number {
    const { unknown, unknownEffects } = this.#timeline;
    const configurations = this.#configurations;
    const { source } = frame;
    const state = configurations.stateOf(source);
    while (frame.nextEffect >= 0) {
      const places = unknownEffects[frame.nextEffect--];
      const place = this.#placement.firstUnused(source, places);
      if (place === NONE) continue;
      const next = this.#placement.transition(state, unknown[place]);
      if (next === IMPOSSIBLE || next === state) continue;
      if (!this.#placement.mayLeave(source, next, NONE)) continue;
      configurations.load(source);
      configurations.state = next;
      const { used } = configurations;
      used[place >>> 5] = (used[place >>> 5] ?? 0) | (1 << (place & 31));
      return place;
    }
    return NONE;
  }

  /** Keeps the configuration at hand and goes on from there. False if that is not worth it. */
  #enter(parent: number, step: number): boolean {
    const record = this.#keep(parent, step);
    if (record === NONE) return false;
    const { low } = this.#configurations;
    if (low > this.#highestLow) this.#highestLow = low;
    if (low >= this.#timeline.ranked.length) {
      this.#goalRecord = record;
      this.#progress = 'found';
      return true;
    }
    this.#frames.push({
      current: record,
      nextOpen: this.#timeline.openStart[low] ?? 0,
      nextOptional: NONE,
      source: record,
      nextEffect: this.#newestEffect(record),
      waiting: undefined,
    });
    return true;
  }

  /** The record of the configuration at hand, or NONE if it is not new or there is no memory. */
  #keep(parent: number, step: number): number {
    const record = this.#configurations.add(parent, step);
    if (record === NO_MEMORY) this.#progress = 'no-memory';
    if (record < 0) return NONE;
    this.#costs.configurations += 1;
    return record;
  }

  /** The newest unknown operations come first: most take effect soon, if they do. */
  #newestEffect(source: number): number {
    return (this.#timeline.effectsCalled[this.#configurations.lowOf(source)] ?? 0) - 1;
  }
}
