import type { History } from '../histories/history.js';
import type { CallInput, HistoryEvent } from '../histories/history-event.js';
import type { Json } from '../histories/json.js';
import type { ProcessId } from '../histories/operation.js';
import { historyOfEvents } from './simulated-history.test.support.js';

/** A call from one millisecond to another; without an end, nobody knows what became of it. */
export interface HandmadeCall {
  readonly from: number;
  readonly to?: number;
  readonly input: CallInput;
  /** Not given: it failed, or its outcome is unknown. */
  readonly output?: Json;
  readonly failed?: true;
  readonly process?: ProcessId;
  readonly session?: string;
}

/** At equal times calls come before answers, so that they overlap. */
export function handmade(calls: readonly HandmadeCall[]): History {
  const moments = calls
    .flatMap((call, place) => [
      { call, place, isCall: true, at: call.from },
      ...(call.to === undefined ? [] : [{ call, place, isCall: false, at: call.to }]),
    ])
    .sort((a, b) => a.at - b.at || Number(b.isCall) - Number(a.isCall));
  const indexes = new Map<number, number>();
  const events = moments.map(({ call, place, isCall, at: atMs }, index): HistoryEvent => {
    const process = call.process ?? place;
    const { input, session } = call;
    if (isCall) {
      indexes.set(place, index);
      const of = session === undefined ? {} : { session };
      return { type: 'invoke', index, atMs, process, input, ...of };
    }
    const end = { index, atMs, process, call: indexes.get(place) ?? 0 };
    if (call.output !== undefined) return { ...end, type: 'ok', output: call.output };
    const type = call.failed === true ? 'fail' : 'info';
    return { ...end, type, error: { code: 'ERROR', message: 'no answer' } };
  });
  return historyOfEvents(events);
}
