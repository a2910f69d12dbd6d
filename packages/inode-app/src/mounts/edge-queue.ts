import type { ByteString } from '../namespace/tree/byte-string.js';

/** Readers share an edge; a writer has it alone. */
export type EdgeMode = 'read' | 'write';

/** What stands in the queue of one edge; its neighbours are the queue's own business. */
export interface EdgePlace<Owner> {
  readonly owner: Owner;
  readonly edge: ByteString;
  readonly mode: EdgeMode;
  /** Nothing that stands before it is in its way: at this edge it may pass. It stays so. */
  clear: boolean;
  before: EdgePlace<Owner> | undefined;
  behind: EdgePlace<Owner> | undefined;
}

/**
 * Who holds an edge and who waits for it, in order of arrival. Those that are clear are the first
 * ones: either one writer, or readers up to the first writer. Whatever leaves, each place is made
 * clear once, so that adding and removing take constant time on average.
 */
export class EdgeQueue<Owner> {
  #first: EdgePlace<Owner> | undefined;
  #last: EdgePlace<Owner> | undefined;
  #lastClear: EdgePlace<Owner> | undefined;

  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  /** Puts a new place behind all others. */
  add(place: EdgePlace<Owner>): void {
    place.before = this.#last;
    if (this.#last === undefined) this.#first = place;
    else this.#last.behind = place;
    this.#last = place;
    this.#clearNext();
  }

  /** Removes a place of this queue; returns those that are clear now and were not. */
  remove(place: EdgePlace<Owner>): readonly EdgePlace<Owner>[] {
    const { before, behind } = place;
    if (before === undefined) this.#first = behind;
    else before.behind = behind;
    if (behind === undefined) this.#last = before;
    else behind.before = before;
    if (this.#lastClear === place) this.#lastClear = before;
    const cleared: EdgePlace<Owner>[] = [];
    for (let next = this.#clearNext(); next !== undefined; next = this.#clearNext()) {
      cleared.push(next);
    }
    return cleared;
  }

  /** The first that a place which is not clear has to wait for. */
  inTheWayOf(place: EdgePlace<Owner>): EdgePlace<Owner> | undefined {
    if (place.mode === 'write' || this.#first?.mode === 'write') return this.#first;
    return this.#lastClear?.behind;
  }

  /** How many wait at this edge before a place that is not clear. Takes as long as these are many. */
  waitingBefore(place: EdgePlace<Owner>): number {
    let count = 0;
    for (let one = place.before; one?.clear === false; one = one.before) count += 1;
    return count;
  }

  /** Makes the next place clear, if it may be. */
  #clearNext(): EdgePlace<Owner> | undefined {
    const last = this.#lastClear;
    const next = last === undefined ? this.#first : last.behind;
    if (next === undefined) return undefined;
    if (last !== undefined && (last.mode === 'write' || next.mode === 'write')) return undefined;
    next.clear = true;
    this.#lastClear = next;
    return next;
  }
}
