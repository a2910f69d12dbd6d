import { countBelow } from './sorted.js';

/** An amount that counts from a moment on. */
export interface TimedAmount {
  readonly at: number;
  readonly amount: number;
}

/** The sum of all amounts whose moments are before another moment. */
export class SumBefore {
  /** In the order of their moments. */
  readonly #moments: Float64Array;
  /** By place: of all before it. One longer than `moments`. */
  readonly #sums: Float64Array;

  constructor(amounts: readonly TimedAmount[]) {
    const sorted = [...amounts].sort((a, b) => a.at - b.at);
    this.#moments = Float64Array.from(sorted, ({ at }) => at);
    this.#sums = new Float64Array(sorted.length + 1);
    for (const [place, { amount }] of sorted.entries()) {
      this.#sums[place + 1] = (this.#sums[place] ?? 0) + amount;
    }
  }

  before(moment: number): number {
    return this.#sums[countBelow(this.#moments, moment)] ?? 0;
  }

  /** The first moment behind which the sum is above this one; undefined: it never is. */
  firstAbove(sum: number): number | undefined {
    return this.#moments[countBelow(this.#sums, nextAbove(sum)) - 1];
  }
}

/** Sums are whole: the next one. */
function nextAbove(sum: number): number {
  return Math.floor(sum) + 1;
}
