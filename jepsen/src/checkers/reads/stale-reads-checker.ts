import type { History } from '../../histories/history.js';
import type { Checker } from '../checker.js';
import { type CounterHistory, type CounterRead, countersOf } from '../counter/counter-history.js';
import { judgeInvented } from '../counter/invented-values.js';
import { linearTimeChecker, ofKey, type Violations } from '../violations.js';
import { isLinearizable } from './consistency.js';

/**
 * Judges reads of counters that may be stale; see `CounterInput`.
 *
 * Proves: a bounded read returns at least the sum of all adds that were acknowledged more than its bound
 * before it was called. Bounded and local reads return only what the counter can have been: no more
 * than all adds called by then, and nothing in the middle of an add that was answered with its value.
 *
 * Cannot see: by how much less than its bound a read was stale, and, where adds are not answered with
 * values, an invented value between those bounds. Times are those of one program, the one that calls.
 */
export const staleReadsChecker: Checker = linearTimeChecker(
  'stale reads',
  'bounded reads are no older than they may be, and no read returns what never was',
  (history, violations) => {
    const figures = { boundedReads: 0, localReads: 0, stalestBoundedMs: 0, stalestLocalMs: 0 };
    for (const counter of countersOf(history)) {
      for (const read of counter.reads) {
        if (isLinearizable(read.consistency)) continue;
        const staleMs = stalenessMs(counter, read, history);
        judgeInvented(counter, read, violations);
        if (read.consistency.consistency === 'bounded') {
          figures.boundedReads += 1;
          figures.stalestBoundedMs = Math.max(figures.stalestBoundedMs, staleMs);
          if (staleMs > read.consistency.maxStaleMs)
            tellStale(counter, read, staleMs, history, violations);
        } else {
          figures.localReads += 1;
          figures.stalestLocalMs = Math.max(figures.stalestLocalMs, staleMs);
        }
      }
    }
    return figures;
  },
);

/** How long before its call a read lacked something that was acknowledged; 0: it lacked nothing. */
function stalenessMs(
  { acknowledged }: CounterHistory,
  { value, call }: CounterRead,
  { events }: History,
): number {
  const lacked = acknowledged.firstAbove(value);
  if (lacked === undefined || lacked >= call) return 0;
  return (events[call]?.atMs ?? 0) - (events[lacked]?.atMs ?? 0);
}

function tellStale(
  { key, acknowledged }: CounterHistory,
  read: CounterRead,
  staleMs: number,
  { events }: History,
  violations: Violations,
): void {
  const { consistency } = read;
  const maxStaleMs = consistency.consistency === 'bounded' ? consistency.maxStaleMs : 0;
  const lacked = acknowledged.firstAbove(read.value) ?? 0;
  const answer = events[lacked];
  violations.add(
    [
      `The read${ofKey(key)} ${violations.span(read)} may be stale by ${maxStaleMs} ms, and returned ${read.value}.`,
      `But adds of ${acknowledged.before(lacked + 1)} in all had been acknowledged at ${violations.moment(lacked)}, ${Math.round(staleMs)} ms before it was called.`,
    ],
    [...(answer?.type === 'ok' ? [answer.call] : []), read.call],
  );
}
