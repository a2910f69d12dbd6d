import { ofKey, type Violations } from '../violations.js';
import type { CounterHistory, CounterRead } from './counter-history.js';

/** Sums of amounts that are looked at; where there are more, nearly any gap is some sum. */
const MAX_SUMS = 30_000;
/** Sums that are made to find them, the same ones again included. */
const MAX_ADDITIONS = 4_000_000;

/** A stretch by which the counter grew without an answered add. */
interface Gap {
  readonly from: number;
  readonly to: number;
  /** The call that shows that the counter was at `to`, or beyond. */
  readonly shownBy: CounterRead | CounterHistory['steps'][number];
}

/**
 * Says so where the counter grew by what no adds of unknown outcome come to: then some add counted twice,
 * or one that had failed. Only where all acknowledged adds were answered with values, which none
 * contradicts.
 */
export function judgeGaps(
  counter: CounterHistory,
  reads: readonly CounterRead[],
  violations: Violations,
): void {
  const { adds, key } = counter;
  if (adds.some(({ returnedAt, value }) => Number.isFinite(returnedAt) && value === undefined)) {
    return;
  }
  const unknown = adds.filter(({ returnedAt }) => !Number.isFinite(returnedAt));
  const gaps = gapsOf(counter, reads);
  const sums = sumsOf(
    unknown.map(({ amount }) => amount),
    gaps.reduce((highest, { from, to }) => Math.max(highest, to - from), 0),
  );
  let left = unknown.reduce((sum, { amount }) => sum + amount, 0);
  for (const { from, to, shownBy } of gaps) {
    const grown = to - from;
    left -= grown;
    if (left >= 0 && (grown > sums.highest || sums.all.has(grown))) continue;
    violations.add(
      [
        `The counter${ofKey(key)} grew from ${from} to ${to} without an answered add, as the call ${violations.span(shownBy)} shows by its answer ${shownBy.value}.`,
        `${left < 0 ? 'All' : 'No'} adds of unknown outcome ${left < 0 ? 'are fewer than what grew so' : `come to ${grown}`}: some add counted twice.`,
      ],
      [shownBy.call],
    );
    if (left < 0) return;
  }
}

function gapsOf(counter: CounterHistory, reads: readonly CounterRead[]): readonly Gap[] {
  const marks = [
    ...reads.map((read) => ({ from: read.value, to: read.value, shownBy: read })),
    ...counter.steps.map((add) => ({
      from: add.value - add.amount,
      to: add.value,
      shownBy: add,
    })),
  ].sort((a, b) => a.from - b.from || a.to - b.to);
  const gaps: Gap[] = [];
  let reached = 0;
  for (const { from, to, shownBy } of marks) {
    if (from > reached) gaps.push({ from: reached, to: from, shownBy });
    reached = Math.max(reached, to);
  }
  return gaps;
}

/** The sums of some amounts, as far as they are known. */
interface Sums {
  readonly all: ReadonlySet<number>;
  /** All up to here are known. */
  readonly highest: number;
}

/** All sums of some of these amounts, up to a highest one, or to a lower one where they are too many. */
function sumsOf(amounts: readonly number[], highest: number): Sums {
  let additions = 0;
  for (let upTo = highest; upTo > 0; upTo = Math.floor(upTo / 2)) {
    const all = new Set([0]);
    const below = amounts.filter((amount) => amount <= upTo);
    for (const amount of below) {
      for (const sum of [...all]) if (sum + amount <= upTo) all.add(sum + amount);
      additions += all.size;
      if (all.size > MAX_SUMS || additions > MAX_ADDITIONS) break;
    }
    if (additions > MAX_ADDITIONS) break;
    if (all.size <= MAX_SUMS) return { all, highest: upTo };
  }
  return { all: new Set([0]), highest: 0 };
}
