import type { DoneOperation, EffectiveOperation } from '../../../histories/operation.js';
import type { MomentText } from '../moments.js';

/** What operations say about the values of something that holds one value at a time. */
export interface ValueNature<Input, Output> {
  /** What is there before all operations. */
  readonly initial: unknown;
  /** The value that is there once it took effect, where it changes it; undefined: it does not, or who knows. */
  leaves(operation: EffectiveOperation<Input, Output>): unknown;
  /** The value that was there when it took effect, as its answer says; undefined: it says nothing. */
  found(operation: DoneOperation<Input, Output>): unknown;
  /** Such as `read at 1.2 s returned 4`. */
  tellFound(operation: DoneOperation<Input, Output>, moment: MomentText): string;
  show(value: unknown): string;
}

/**
 * What is wrong, in a sentence: `read at 12.31 s returned 4, but 7 was acknowledged at 11.90 s and
 * nothing wrote 4 after it`. Undefined where it is not as simple as that.
 *
 * @param contradiction that can't all be
 * @param operations all of the same thing
 */
export function wordsForValues<Input, Output>(
  nature: ValueNature<Input, Output>,
  contradiction: readonly DoneOperation<Input, Output>[],
  operations: readonly EffectiveOperation<Input, Output>[],
  moment: MomentText,
): string | undefined {
  const last = lastThatFound(nature, contradiction);
  if (last === undefined) return undefined;
  const value = nature.found(last);
  const sources = operations.filter(
    (operation) => nature.leaves(operation) === value && operation.invokedAt <= last.returnedAt,
  );
  const told = nature.tellFound(last, moment);
  const shown = nature.show(value);
  if (sources.length === 0 && value !== nature.initial) {
    return `${told}, and nothing had written ${shown} by then`;
  }
  const newer = newerBefore(nature, contradiction, last);
  if (newer === undefined || sources.some((source) => mayFollow(source, newer))) return undefined;
  const left = nature.leaves(newer);
  const at = moment(newer.returnedAt);
  const known =
    left === undefined
      ? `${nature.show(nature.found(newer))} had been seen by ${at}`
      : `${nature.show(left)} was acknowledged at ${at}`;
  return `${told}, but ${known} and nothing wrote ${shown} after it`;
}

function lastThatFound<Input, Output>(
  nature: ValueNature<Input, Output>,
  contradiction: readonly DoneOperation<Input, Output>[],
): DoneOperation<Input, Output> | undefined {
  const found = contradiction.filter((operation) => nature.found(operation) !== undefined);
  return found.sort((a, b) => b.invokedAt - a.invokedAt)[0];
}

/** The last to return of those that returned before `last` was called and knew another value. */
function newerBefore<Input, Output>(
  nature: ValueNature<Input, Output>,
  contradiction: readonly DoneOperation<Input, Output>[],
  last: DoneOperation<Input, Output>,
): DoneOperation<Input, Output> | undefined {
  const value = nature.found(last);
  const before = contradiction.filter((operation) => {
    const known = nature.leaves(operation) ?? nature.found(operation);
    return operation.returnedAt < last.invokedAt && known !== undefined && known !== value;
  });
  return before.sort((a, b) => b.returnedAt - a.returnedAt)[0];
}

/** Whether something may have taken effect after `other`. */
function mayFollow<Input, Output>(
  operation: EffectiveOperation<Input, Output>,
  other: DoneOperation<Input, Output>,
): boolean {
  const end = operation.outcome === 'done' ? operation.returnedAt : operation.latestAt;
  return end === undefined || end >= other.invokedAt;
}
