import { JepsenError } from '../../errors.js';
import type { EffectiveOperation, Operation } from '../../histories/operation.js';
import { Costs } from './costs.js';
import { groupBy } from './group-by.js';
import type { LinearizabilityLimits } from './limits.js';
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
  readonly #costs: Costs;
  readonly #partitions: readonly PartitionCheck<State, Input, Output>[];
  readonly #operations: number;
  #undecided: PartitionCheck<State, Input, Output>[];
  #ranOutOfMemory = false;

  /** @throws JepsenError HISTORY_INVALID */
  constructor(
    model: Model<State, Input, Output>,
    operations: readonly Operation<Input, Output>[],
    limits: LinearizabilityLimits,
  ) {
    this.#limits = limits;
    this.#costs = new Costs(limits.maxMemoryBytes);
    const effective = operations.filter(mayTakeEffect);
    for (const operation of effective) validate(operation);
    this.#operations = effective.length;
    const parts = groupBy(effective, ({ input }) => model.partition?.(input));
    this.#partitions = Array.from(
      parts,
      ([name, part]) => new PartitionCheck(name, part, model, this.#costs, limits),
    );
    this.#undecided = [...this.#partitions];
  }

  /** Goes on for about so many steps. Undefined: it is not finished. */
  run(steps: number): LinearizabilityResult | undefined {
    for (const end = this.#costs.steps + steps; this.#costs.steps < end; ) {
      const partition = this.#undecided.shift();
      if (partition === undefined) return this.#withoutViolation();
      if (this.#costs.steps >= this.#limits.maxSteps) {
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
    const { steps, configurations, peakBytes } = this.#costs;
    return {
      operations: this.#operations,
      partitions: this.#partitions.length,
      steps,
      configurations,
      peakMemoryBytes: peakBytes,
    };
  }

  #turn(partition: PartitionCheck<State, Input, Output>, end: number) {
    const before = this.#costs.steps;
    const left = Math.min(end, this.#limits.maxSteps) - before;
    const verdict = partition.run(Math.min(STEPS_A_TURN, left));
    // A turn without a step counts too, so that every check comes to an end.
    this.#costs.steps = Math.max(this.#costs.steps, before + 1);
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
  const isDone = operation.outcome === 'done';
  const end = isDone ? operation.returnedAt : (operation.latestAt ?? invokedAt);
  if (Number.isFinite(invokedAt) && Number.isFinite(end) && end >= invokedAt) return;
  const how = isDone ? 'returned at' : 'can take effect until';
  throw new JepsenError(
    'HISTORY_INVALID',
    `an operation of process ${process} was called at ${invokedAt} and ${how} ${end}`,
  );
}
