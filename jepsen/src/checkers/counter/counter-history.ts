import type { History } from '../../histories/history.js';
import type { Operation, ProcessId } from '../../histories/operation.js';
import { operationsOf } from '../../histories/operations.js';
import { HighestBefore } from '../highest-before.js';
import { groupBy } from '../linearizability/group-by.js';
import type { ReadConsistency } from '../reads/consistency.js';
import { SumBefore } from '../sum-before.js';
import { type CounterInput, type CounterOutput, counterCalls } from './counter-calls.js';

/** An add that may have taken effect. Moments are the indexes of events. */
export interface CounterAdd {
  readonly call: number;
  /** Infinity: its outcome is unknown. */
  readonly returnedAt: number;
  readonly process: ProcessId;
  readonly amount: number;
  /** Of the counter with it; undefined where that was not answered. */
  readonly value: number | undefined;
}

export interface CounterRead {
  readonly call: number;
  readonly returnedAt: number;
  readonly process: ProcessId;
  readonly value: number;
  readonly consistency: ReadConsistency;
}

/** The calls of one counter. */
export class CounterHistory {
  readonly key: string | undefined;
  readonly adds: readonly CounterAdd[];
  /** In the order of their calls. */
  readonly reads: readonly CounterRead[];
  /** Amounts whose adds were acknowledged before a moment. */
  readonly acknowledged: SumBefore;
  /** Amounts whose adds were called before a moment, and have not failed. */
  readonly called: SumBefore;
  /** Values that adds were answered with. */
  readonly answered: HighestBefore<CounterAdd & { readonly value: number }>;
  /** Answered adds by the values that they were answered with. */
  readonly steps: readonly (CounterAdd & { readonly value: number })[];

  constructor(
    key: string | undefined,
    operations: readonly Operation<CounterInput, CounterOutput>[],
  ) {
    this.key = key;
    const adds: CounterAdd[] = [];
    const reads: CounterRead[] = [];
    for (const operation of operations) {
      if (operation.outcome === 'failed') continue;
      const { input, process, invokedAt: call } = operation;
      const isDone = operation.outcome === 'done';
      const returnedAt = isDone ? operation.returnedAt : Number.POSITIVE_INFINITY;
      const value = isDone && operation.output !== null ? operation.output : undefined;
      if (input.kind === 'add') {
        adds.push({ call, returnedAt, process, amount: input.amount, value });
      } else if (value !== undefined) {
        reads.push({ call, returnedAt, process, value, consistency: input });
      }
    }
    this.adds = adds;
    this.reads = reads;
    this.acknowledged = new SumBefore(
      adds
        .filter(({ returnedAt }) => Number.isFinite(returnedAt))
        .map(({ returnedAt: at, amount }) => ({ at, amount })),
    );
    this.called = new SumBefore(adds.map(({ call: at, amount }) => ({ at, amount })));
    const steps = adds.flatMap((add) =>
      add.value === undefined ? [] : [{ ...add, value: add.value }],
    );
    this.steps = steps.sort((a, b) => a.value - b.value);
    this.answered = new HighestBefore(this.steps);
  }

  /** The answered add during which the counter never had this value. */
  addOver(value: number): (CounterAdd & { readonly value: number }) | undefined {
    let low = 0;
    let high = this.steps.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.steps[middle]?.value ?? 0) <= value) low = middle + 1;
      else high = middle;
    }
    const add = this.steps[low];
    return add !== undefined && add.value - add.amount < value ? add : undefined;
  }
}

/**
 * The counters of a history.
 *
 * @throws JepsenError HISTORY_INVALID
 */
export function countersOf(history: History): readonly CounterHistory[] {
  const groups = groupBy(operationsOf(history, counterCalls), ({ input }) => input.key);
  return Array.from(groups, ([key, operations]) => new CounterHistory(key, operations));
}
