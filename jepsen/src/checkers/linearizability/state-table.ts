import type { MemoryShare } from './costs.js';
import type { Model } from './model.js';

/** The answer of `numberOf`: there is no memory left for it. */
export const NO_STATE = -1;

const DEFAULT_STATE_BYTES = 16;
/** What the table keeps of a state besides itself. */
const ENTRY_BYTES = 48;

type Comparison<State> = Pick<Model<State, unknown, unknown>, 'equal' | 'hash' | 'stateBytes'>;

/** Gives equal states of a model the same number, counting from 0. */
export class StateTable<State> {
  readonly #model: Comparison<State>;
  readonly #share: MemoryShare;
  readonly #states: State[] = [];
  /** By hash: the newest state's number. By number: that of the one before with the same hash. */
  readonly #newest = new Map<number, number>();
  readonly #before: number[] = [];

  constructor(model: Comparison<State>, share: MemoryShare) {
    this.#model = model;
    this.#share = share;
  }

  state(number: number): State {
    return this.#states[number] as State;
  }

  numberOf(state: State): number {
    const hash = this.#model.hash(state);
    const newest = this.#newest.get(hash) ?? NO_STATE;
    for (let number = newest; number !== NO_STATE; number = this.#before[number] ?? NO_STATE) {
      if (this.#model.equal(this.state(number), state)) return number;
    }
    const bytes = ENTRY_BYTES + (this.#model.stateBytes?.(state) ?? DEFAULT_STATE_BYTES);
    if (!this.#share.take(bytes)) return NO_STATE;
    const number = this.#states.push(state) - 1;
    this.#before.push(newest);
    this.#newest.set(hash, number);
    return number;
  }
}
