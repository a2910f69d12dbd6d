import { JepsenError } from '../errors.js';
import type { FailEvent, HistoryEvent, InfoEvent, InvokeEvent, OkEvent } from './history-event.js';

/** A call and how it ended. */
export interface Call {
  readonly invoke: InvokeEvent;
  /** Undefined where the history ends before: nobody knows what became of it. */
  readonly end: OkEvent | FailEvent | InfoEvent | undefined;
}

/**
 * The calls of a history, in the order in which they were made; the faults' among them.
 *
 * @throws JepsenError HISTORY_INVALID where an event ends what was never called, or has ended before
 */
export function callsOf(events: readonly HistoryEvent[]): readonly Call[] {
  const ends = new Map<number, OkEvent | FailEvent | InfoEvent>();
  const invokes: InvokeEvent[] = [];
  const called = new Set<number>();
  for (const event of events) {
    if (event.type === 'invoke') {
      invokes.push(event);
      called.add(event.index);
      continue;
    }
    if (!called.delete(event.call)) {
      throw new JepsenError(
        'HISTORY_INVALID',
        `event ${event.index} ends call ${event.call}, which was never made, or has ended before`,
      );
    }
    ends.set(event.call, event);
  }
  return invokes.map((invoke) => ({ invoke, end: ends.get(invoke.index) }));
}
