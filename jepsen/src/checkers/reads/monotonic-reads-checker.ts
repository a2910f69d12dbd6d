import type { Checker } from '../checker.js';
import { type CounterRead, countersOf } from '../counter/counter-history.js';
import { groupBy } from '../linearizability/group-by.js';
import { linearTimeChecker, ofKey } from '../violations.js';
import { isLinearizable } from './consistency.js';

/**
 * Judges what each client sees of counters, which only grow; see `CounterInput`.
 *
 * Proves: a client's linearizable reads of a counter never return less than one before. Reads that ask for
 * less promise no such thing from one to the next, as another member may answer each.
 *
 * Cannot see: a counter that ran back between the reads of different clients. The checker of counters does.
 */
export const monotonicReadsChecker: Checker = linearTimeChecker(
  'monotonic reads',
  'what a client has seen it sees again, whoever answers',
  (history, violations) => {
    let reads = 0;
    for (const counter of countersOf(history)) {
      const linearizable = counter.reads.filter((read) => isLinearizable(read.consistency));
      reads += linearizable.length;
      for (const [process, of] of groupBy(linearizable, (read) => read.process)) {
        let highest: CounterRead | undefined;
        for (const read of of) {
          if (highest === undefined || read.value >= highest.value) highest = read;
          else if (highest.returnedAt < read.call) {
            violations.add(
              [
                `Process ${process} read ${highest.value}${ofKey(counter.key)} at ${violations.moment(highest.returnedAt)}, and then ${read.value} by the read ${violations.span(read)}.`,
              ],
              [highest.call, read.call],
            );
          }
        }
      }
    }
    return { reads };
  },
);
