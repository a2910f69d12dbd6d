import { ofKey, type Violations } from '../violations.js';
import type { CounterHistory, CounterRead } from './counter-history.js';

/** Says so where a read has a value that the counter can't have had by then, however old it may be. */
export function judgeInvented(
  counter: CounterHistory,
  read: CounterRead,
  violations: Violations,
): void {
  const head = `The read${ofKey(counter.key)} ${violations.span(read)} returned ${read.value}`;
  const most = counter.called.before(read.returnedAt);
  if (read.value > most) {
    violations.add(
      [`${head}, but all that was added by calls made by then is ${most}.`],
      [read.call],
    );
    return;
  }
  if (read.value < 0) {
    violations.add([`${head}, but counters begin at 0 and only grow.`], [read.call]);
    return;
  }
  const over = counter.addOver(read.value);
  if (over === undefined) return;
  violations.add(
    [
      `${head}, but the counter never was ${read.value}: the add of ${over.amount} ${violations.span(over)} took it from ${over.value - over.amount} to ${over.value}.`,
    ],
    [over.call, read.call],
  );
}
