import { countBelow } from './sorted.js';

/** A number that a call was answered with. Moments are the indexes of events. */
export interface Observation {
  readonly call: number;
  /** Infinity: it was never answered. */
  readonly returnedAt: number;
  readonly value: number;
}

/** The highest number that was answered before a moment: what grows is never lower again. */
export class HighestBefore<Observed extends Observation> {
  readonly #returns: Float64Array;
  /** By place in `returns`: the highest of all up to there. */
  readonly #highest: readonly Observed[];

  constructor(observations: readonly Observed[]) {
    const answered = observations.filter(({ returnedAt }) => Number.isFinite(returnedAt));
    answered.sort((a, b) => a.returnedAt - b.returnedAt);
    this.#returns = Float64Array.from(answered, ({ returnedAt }) => returnedAt);
    let highest = answered[0];
    this.#highest = answered.map((observed) => {
      if (highest === undefined || observed.value > highest.value) highest = observed;
      return highest;
    });
  }

  /** Undefined: nothing was. */
  before(moment: number): Observed | undefined {
    return this.#highest[countBelow(this.#returns, moment) - 1];
  }
}
