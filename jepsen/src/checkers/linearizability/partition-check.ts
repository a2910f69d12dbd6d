import type { EffectiveOperation } from '../../histories/operation.js';
import { type Explanation, explain } from './explanation.js';
import { Investigation } from './find-contradiction.js';
import type { LinearizabilityLimits } from './limits.js';
import type { MemoryBudget } from './memory-budget.js';
import type { Model } from './model.js';
import { Trial } from './trial.js';

export type PartitionVerdict = 'ok' | 'illegal' | 'no-memory';

/** Checks one independent part of a history in turns, and finds out why if it is illegal. */
export class PartitionCheck<State, Input, Output> {
  readonly #name: string | undefined;
  readonly #operations: readonly EffectiveOperation<Input, Output>[];
  readonly #model: Model<State, Input, Output>;
  readonly #budget: MemoryBudget;
  readonly #limits: LinearizabilityLimits;
  readonly #work: Generator<undefined, PartitionVerdict>;
  #trial: Trial<State, Input, Output> | undefined;
  #investigation: Investigation<State, Input, Output> | undefined;
  #turnSteps = 0;

  constructor(
    name: string | undefined,
    operations: readonly EffectiveOperation<Input, Output>[],
    model: Model<State, Input, Output>,
    budget: MemoryBudget,
    limits: LinearizabilityLimits,
  ) {
    this.#name = name;
    this.#operations = operations;
    this.#model = model;
    this.#budget = budget;
    this.#limits = limits;
    this.#work = this.#check();
  }

  get steps(): number {
    return (this.#trial?.steps ?? 0) + (this.#investigation?.steps ?? 0);
  }

  get configurations(): number {
    return (this.#trial?.configurations ?? 0) + (this.#investigation?.configurations ?? 0);
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

  *#check(): Generator<undefined, PartitionVerdict> {
    const trial = new Trial(this.#operations, this.#model, this.#budget);
    this.#trial = trial;
    let progress = trial.run(this.#turnSteps);
    while (progress === 'running') {
      yield;
      progress = trial.run(this.#turnSteps);
    }
    trial.close();
    if (progress !== 'exhausted') return progress === 'found' ? 'ok' : 'no-memory';
    this.#investigation = new Investigation(
      this.#operations,
      this.#model,
      this.#budget,
      this.#limits.maxExplanationSteps,
    );
    yield* this.#investigation.run();
    return 'illegal';
  }
}
