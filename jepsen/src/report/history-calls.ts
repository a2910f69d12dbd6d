import { callsOf } from '../histories/call.js';
import {
  type CallError,
  type CallInput,
  type HistoryEvent,
  NEMESIS,
} from '../histories/history-event.js';
import type { Json } from '../histories/json.js';
import type { ProcessId } from '../histories/operation.js';

/** A client's call with what came of it. */
export interface Call {
  readonly index: number;
  readonly process: ProcessId;
  readonly input: CallInput;
  readonly invokedMs: number;
  /** The member that answered, or else the one that was asked. */
  readonly member: number | undefined;
  /** `open`: nothing in the history says how it ended. */
  readonly outcome: 'ok' | 'fail' | 'info' | 'open';
  readonly returnedMs: number | undefined;
  readonly output: Json | undefined;
  readonly error: CallError | undefined;
}

/**
 * The calls of clients, in their order.
 *
 * @throws JepsenError HISTORY_INVALID
 */
export function clientCalls(events: readonly HistoryEvent[]): readonly Call[] {
  return callsOf(events)
    .filter(({ invoke }) => invoke.process !== NEMESIS)
    .map(({ invoke, end }) => ({
      index: invoke.index,
      process: invoke.process,
      input: invoke.input,
      invokedMs: invoke.atMs,
      member: end?.member ?? invoke.member,
      outcome: end?.type ?? 'open',
      returnedMs: end === undefined ? undefined : Math.max(end.atMs, invoke.atMs),
      output: end?.type === 'ok' ? end.output : undefined,
      error: end === undefined || end.type === 'ok' ? undefined : end.error,
    }));
}
