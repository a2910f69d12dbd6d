import type { Checker } from '../checker.js';
import { HighestBefore } from '../highest-before.js';
import { isLinearizable } from '../reads/consistency.js';
import { linearTimeChecker, ofKey, type Violations } from '../violations.js';
import { judgeGaps } from './counter-gaps.js';
import {
  type CounterAdd,
  type CounterHistory,
  type CounterRead,
  countersOf,
} from './counter-history.js';
import { judgeInvented } from './invented-values.js';

/**
 * Judges counters that only grow, whose clients try adds again until they are answered.
 *
 * Proves for linearizable reads: a read returns at least the sum of all adds that were acknowledged before
 * it was called, at most that of all that were called before it was answered, and nothing below a value
 * that was answered before. Where adds are answered with values: no two of them count the same, none is
 * before one that was answered earlier, no read is in the middle of one, and what the counter grew by
 * without an answered add is a sum of adds of unknown outcome. So each add counted exactly once.
 *
 * Cannot see: an add that counted twice where the second time passes for an add of unknown outcome, or
 * between two bounds where adds are not answered with values. Reads of other consistencies are judged by
 * the checker of stale reads.
 */
export const counterChecker: Checker = linearTimeChecker(
  'counter',
  'every acknowledged add counts exactly once, and the counter never runs back',
  (history, violations) => {
    const figures = { adds: 0, acknowledged: 0, reads: 0 };
    for (const counter of countersOf(history)) {
      const reads = counter.reads.filter(({ consistency }) => isLinearizable(consistency));
      figures.adds += counter.adds.length;
      figures.acknowledged += counter.adds.filter(isAcknowledged).length;
      figures.reads += reads.length;
      const before = violations.count;
      judgeReads(counter, reads, violations);
      judgeOrder(counter, reads, violations);
      judgeOverlaps(counter, violations);
      // What is wrong already need not be explained by what else could have been.
      if (violations.count === before) judgeGaps(counter, reads, violations);
    }
    return figures;
  },
);

function isAcknowledged({ returnedAt }: CounterAdd): boolean {
  return Number.isFinite(returnedAt);
}

function judgeReads(
  counter: CounterHistory,
  reads: readonly CounterRead[],
  violations: Violations,
): void {
  const acknowledged = new HighestBefore(
    counter.adds.map(({ call, returnedAt }) => ({ call, returnedAt, value: returnedAt })),
  );
  for (const read of reads) {
    const least = counter.acknowledged.before(read.call);
    if (read.value >= least) {
      judgeInvented(counter, read, violations);
      continue;
    }
    const last = acknowledged.before(read.call);
    violations.add(
      [
        `The read${ofKey(counter.key)} ${violations.span(read)} returned ${read.value}, but the adds acknowledged before it was called come to ${least}.`,
        ...(last === undefined
          ? []
          : [`The last of them was acknowledged at ${violations.moment(last.returnedAt)}.`]),
      ],
      [...(last === undefined ? [] : [last.call]), read.call],
    );
  }
}

/** Nothing is below what was answered before it was called. */
function judgeOrder(
  counter: CounterHistory,
  reads: readonly CounterRead[],
  violations: Violations,
): void {
  const seen = reads.map((read) => ({ ...read, from: read.value, what: 'read' }));
  const added = counter.steps.map((add) => ({
    ...add,
    from: add.value - add.amount,
    what: `add of ${add.amount}`,
  }));
  const all = [...seen, ...added];
  const highest = new HighestBefore(all);
  for (const observed of all) {
    const before = highest.before(observed.call);
    if (before === undefined || before.value <= observed.from) continue;
    violations.add(
      [
        `The ${observed.what}${ofKey(counter.key)} ${violations.span(observed)} was answered ${observed.value}, but ${before.value} had been answered at ${violations.moment(before.returnedAt)}, before it was called, to the ${before.what} called at ${violations.moment(before.call)}.`,
      ],
      [before.call, observed.call],
    );
  }
}

/** No two adds count the same. */
function judgeOverlaps({ key, steps }: CounterHistory, violations: Violations): void {
  for (const [place, add] of steps.entries()) {
    const below = steps[place - 1];
    const from = add.value - add.amount;
    if (from >= (below?.value ?? 0)) continue;
    const head = `The add of ${add.amount}${ofKey(key)} ${violations.span(add)} was answered ${add.value}`;
    violations.add(
      below === undefined
        ? [`${head}: the counter would have been ${from} before.`]
        : [
            `${head}, and the add of ${below.amount} ${violations.span(below)} was answered ${below.value}: they can't both count.`,
          ],
      below === undefined ? [add.call] : [below.call, add.call],
    );
  }
}
