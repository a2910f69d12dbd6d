import type { EffectiveOperation } from '../../histories/operation.js';
import type { Costs } from './costs.js';
import { type Explanation, explain } from './explanation.js';
import { Investigation } from './find-contradiction.js';
import type { LinearizabilityLimits } from './limits.js';
import type { Model } from './model.js';
import { Trial } from './trial.js';

export type PartitionVerdict = 'ok' | 'illegal' | 'no-memory';

/** Checks one independent part of a history in turns, and finds out why if it is illegal. */
export class PartitionCheck<State, Input, Output> {
  readonly #name: string | undefined;
  readonly #model: Model<State, Input, Output>;
  readonly #work: Generator<undefined, PartitionVerdict>;
  #trial: Trial<State, Input, Output> | undefined;
  #investigation: Investigation<State, Input, Output> | undefined;
  #turnSteps = 0;

  constructor(
    name: string | undefined,
    operations: readonly EffectiveOperation<Input, Output>[],
    model: Model<State, Input, Output>,
    costs: Costs,
    limits: LinearizabilityLimits,
  ) {
    this.#name = name;
    this.#model = model;
    this.#work = this.#check(operations, costs, limits.maxExplanationSteps);
  }

  /** There is no order; known before `run` gives the verdict. */
  get isIllegal(): boolean {
    return this.#investigation !== undefined;
  }

  /** Goes on for about so many steps. Undefined: it is not finished. */
  run(steps: number): PartitionVerdict | undefined {
    this.#turnSteps = steps;
    const { done, value } = this.#work.next();
    return done === true ? value : undefined;
  }

  /** Why it is illegal, as far as that was found out. */
  explanation(): Explanation | undefined {
    const findings = this.#investigation?.findings();
    return findings && explain(this.#name, findings, this.#model);
  }

  /** Gives the memory of the search back. */
  close(): void {
    this.#trial?.close();
  }

  *#check(
    operations: readonly EffectiveOperation<Input, Output>[],
    costs: Costs,
    maxExplanationSteps: number,
  ): Generator<undefined, PartitionVerdict> {
    const trial = new Trial(operations, this.#model, costs);
    this.#trial = trial;
    let progress = trial.run(this.#turnSteps);
    while (progress === 'running') {
      yield;
      progress = trial.run(this.#turnSteps);
    }
    trial.close();
    if (progress !== 'exhausted') return progress === 'found' ? 'ok' : 'no-memory';
    this.#investigation = new Investigation(operations, this.#model, costs, maxExplanationSteps);
    yield* this.#investigation.run();
    return 'illegal';
  }
}
