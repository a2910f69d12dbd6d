import type { MemoryShare } from './memory-budget.js';
import type { Model } from './model.js';

/** The answer of `numberOf`: there is no memory left for it. */
export const NO_STATE = -1;

const FIRST_STATES = 64;
const DEFAULT_STATE_BYTES = 16;
const ENTRY_BYTES = 16;

type Comparison<State> = Pick<Model<State, unknown, unknown>, 'equal' | 'hash' | 'stateBytes'>;

/** Gives equal states of a model the same number, counting from 0. */
export class StateTable<State> {
  readonly #model: Comparison<State>;
  readonly #share: MemoryShare;
  readonly #states: State[] = [];
  #hashes = new Int32Array(FIRST_STATES);
  /** By hash, going on at the next place if one is taken: a number plus 1, or 0. */
  #table = new Int32Array(2 * FIRST_STATES);

  constructor(model: Comparison<State>, share: MemoryShare) {
    this.#model = model;
    this.#share = share;
  }

  state(number: number): State {
    return this.#states[number] as State;
  }

  numberOf(state: State): number {
    const hash = this.#model.hash(state) | 0;
    const mask = this.#table.length - 1;
    let place = Math.imul(hash, 0x9e37_79b1) >>> 7;
    for (; ; place++) {
      const number = (this.#table[place & mask] ?? 0) - 1;
      if (number < 0) break;
      if (this.#hashes[number] === hash && this.#model.equal(this.state(number), state)) {
        return number;
      }
    }
    return this.#add(state, hash, place & mask);
  }

  #add(state: State, hash: number, place: number): number {
    const bytes = ENTRY_BYTES + (this.#model.stateBytes?.(state) ?? DEFAULT_STATE_BYTES);
    if (!this.#share.take(bytes)) return NO_STATE;
    const number = this.#states.push(state) - 1;
    this.#hashes[number] = hash;
    this.#table[place] = number + 1;
    if (this.#states.length === this.#hashes.length) this.#grow();
    return number;
  }

  #grow(): void {
    const capacity = 2 * this.#hashes.length;
    const hashes = new Int32Array(capacity);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
    this.#table = new Int32Array(2 * capacity);
    const mask = this.#table.length - 1;
    for (let number = 0; number < this.#states.length; number++) {
      let place = Math.imul(hashes[number] ?? 0, 0x9e37_79b1) >>> 7;
      while (this.#table[place & mask] !== 0) place += 1;
      this.#table[place & mask] = number + 1;
    }
  }
}
