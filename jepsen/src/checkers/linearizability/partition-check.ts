import type { EffectiveOperation } from '../../histories/operation.js';
import type { Costs } from './costs.js';
import { type Explanation, explain } from './explanation.js';
import { type Findings, Investigation } from './find-contradiction.js';
import type { LinearizabilityLimits } from './limits.js';
import type { Model } from './model.js';
import { Trial } from './trial.js';

export type PartitionVerdict = 'ok' | 'illegal' | 'no-memory';

/** Checks one independent part of a history in turns, and finds out why if it is illegal. */
export class PartitionCheck<State, Input, Output> {
  readonly #name: string | undefined;
  readonly #model: Model<State, Input, Output>;
  readonly #operations: readonly EffectiveOperation<Input, Output>[];
  readonly #work: Generator<undefined, PartitionVerdict>;
  #trial: Trial<State, Input, Output> | undefined;
  #investigation: Investigation<State, Input, Output> | undefined;
  #turnSteps = 0;
  #order: readonly EffectiveOperation<Input, Output>[] = [];
  #reachedAt: number | undefined;

  constructor(
    name: string | undefined,
    operations: readonly EffectiveOperation<Input, Output>[],
    model: Model<State, Input, Output>,
    costs: Costs,
    limits: LinearizabilityLimits,
  ) {
    this.#name = name;
    this.#model = model;
    this.#operations = operations;
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

  /** The order that was found; empty before the verdict is ok. */
  get order(): readonly EffectiveOperation<Input, Output>[] {
    return this.#order;
  }

  /** The return up to which an order for everything was found, at most. */
  get reachedAt(): number | undefined {
    return this.#reachedAt;
  }

  /** Why it is illegal, as far as that was found out. */
  findings(): Findings<Input, Output> | undefined {
    return this.#investigation?.findings();
  }

  /** The same for people. */
  explanation(): Explanation | undefined {
    const findings = this.findings();
    return findings && explain(this.#name, findings, this.#model, this.#operations);
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
      this.#reachedAt = trial.reachedAt;
      yield;
      progress = trial.run(this.#turnSteps);
    }
    this.#reachedAt = trial.reachedAt;
    if (progress === 'found') this.#order = trial.order();
    trial.close();
    if (progress !== 'exhausted') return progress === 'found' ? 'ok' : 'no-memory';
    this.#investigation = new Investigation(
      operations,
      this.#model,
      costs,
      maxExplanationSteps,
      this.#reachedAt,
    );
    yield* this.#investigation.run();
    return 'illegal';
  }
}
