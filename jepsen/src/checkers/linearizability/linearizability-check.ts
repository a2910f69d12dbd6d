import { JepsenError } from '../../errors.js';
import type { EffectiveOperation, Operation } from '../../histories/operation.js';
import type { LinearizabilityLimits } from './limits.js';
import { MemoryBudget } from './memory-budget.js';
import type { Model } from './model.js';
import { PartitionCheck } from './partition-check.js';
import type { LinearizabilityResult, LinearizabilityStatistics, UnknownReason } from './result.js';

/** Steps after which it is the next part's turn: an easy part is not kept waiting by a hard one. */
const STEPS_A_TURN = 20_000;

/**
 * A check that can be interrupted at any time. It knows neither clock nor chance: its verdict and
 * its statistics are a function of the operations and the limits.
 */
export class LinearizabilityCheck<State, Input, Output> {
  readonly #limits: LinearizabilityLimits;
  readonly #budget: MemoryBudget;
  readonly #partitions: readonly PartitionCheck<State, Input, Output>[];
  readonly #operations: number;
  #undecided: PartitionCheck<State, Input, Output>[];
  #ranOutOfMemory = false;
  #steps = 0;

  /** @throws JepsenError HISTORY_INVALID */
  constructor(
    model: Model<State, Input, Output>,
    operations: readonly Operation<Input, Output>[],
    limits: LinearizabilityLimits,
  ) {
    this.#limits = limits;
    this.#budget = new MemoryBudget(limits.maxMemoryBytes);
    const effective = operations.filter(mayTakeEffect);
    for (const operation of effective) validate(operation);
    this.#operations = effective.length;
    this.#partitions = [...partitioned(model, effective)].map(
      ([name, part]) => new PartitionCheck(name, part, model, this.#budget, limits),
    );
    this.#undecided = [...this.#partitions];
  }

  /** Goes on for about so many steps. Undefined: it is not finished. */
  run(steps: number): LinearizabilityResult | undefined {
    for (const end = this.#steps + steps; this.#steps < end; ) {
      const partition = this.#undecided.shift();
      if (partition === undefined) return this.#withoutViolation();
      if (this.#steps >= this.#limits.maxSteps) {
        this.#undecided.unshift(partition);
        return this.stop('steps');
      }
      const verdict = this.#turn(partition, end);
      if (verdict === 'illegal') return this.stop('steps');
      if (verdict === 'no-memory') this.#ranOutOfMemory = true;
      if (verdict !== undefined) continue;
      // What is left to do for an illegal one is to explain it: nobody else matters any more.
      if (partition.isIllegal) this.#undecided = [partition];
      else this.#undecided.push(partition);
    }
    return undefined;
  }

  /** Ends the check: without a verdict for the given reason, unless it is known to be illegal. */
  stop(reason: UnknownReason): LinearizabilityResult {
    for (const partition of this.#partitions) partition.close();
    const explanation = this.#partitions.find(({ isIllegal }) => isIllegal)?.explanation();
    const statistics = this.#statistics();
    return explanation === undefined
      ? { verdict: 'unknown', reason, statistics }
      : { verdict: 'illegal', explanation, statistics };
  }

  #statistics(): LinearizabilityStatistics {
    return {
      operations: this.#operations,
      partitions: this.#partitions.length,
      steps: this.#steps,
      configurations: this.#partitions.reduce((sum, { configurations }) => sum + configurations, 0),
      peakMemoryBytes: this.#budget.peakBytes,
    };
  }

  #turn(partition: PartitionCheck<State, Input, Output>, end: number) {
    const left = Math.min(end, this.#limits.maxSteps) - this.#steps;
    const before = partition.steps;
    const verdict = partition.run(Math.min(STEPS_A_TURN, left));
    this.#steps += Math.max(1, partition.steps - before);
    return verdict;
  }

  #withoutViolation(): LinearizabilityResult {
    if (this.#ranOutOfMemory) return this.stop('memory');
    return { verdict: 'ok', statistics: this.#statistics() };
  }
}

function mayTakeEffect<Input, Output>(
  operation: Operation<Input, Output>,
): operation is EffectiveOperation<Input, Output> {
  return operation.outcome !== 'failed';
}

function validate(operation: EffectiveOperation<unknown, unknown>): void {
  const { process, invokedAt } = operation;
  const end = operation.outcome === 'done' ? operation.returnedAt : invokedAt;
  if (Number.isFinite(invokedAt) && Number.isFinite(end) && end >= invokedAt) return;
  throw new JepsenError(
    'HISTORY_INVALID',
    `an operation of process ${process} was called at ${invokedAt} and returned at ${end}`,
  );
}

function partitioned<State, Input, Output>(
  model: Model<State, Input, Output>,
  operations: readonly EffectiveOperation<Input, Output>[],
): ReadonlyMap<string | undefined, readonly EffectiveOperation<Input, Output>[]> {
  const parts = new Map<string | undefined, EffectiveOperation<Input, Output>[]>();
  for (const operation of operations) {
    const name = model.partition?.(operation.input);
    const part = parts.get(name);
    if (part === undefined) parts.set(name, [operation]);
    else part.push(operation);
  }
  return parts;
}
