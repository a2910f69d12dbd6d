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

/** The calls of clients, in their order. */
export function clientCalls(events: readonly HistoryEvent[]): readonly Call[] {
  const calls = new Map<number, Call>();
  for (const event of events) {
    if (event.process === NEMESIS) continue;
    if (event.type === 'invoke') calls.set(event.index, openCall(event));
    else {
      const call = calls.get(event.call);
      if (call?.outcome === 'open') calls.set(event.call, ended(call, event));
    }
  }
  return [...calls.values()];
}

function openCall(event: Extract<HistoryEvent, { type: 'invoke' }>): Call {
  return {
    index: event.index,
    process: event.process,
    input: event.input,
    invokedMs: event.atMs,
    member: event.member,
    outcome: 'open',
    returnedMs: undefined,
    output: undefined,
    error: undefined,
  };
}

function ended(call: Call, event: Exclude<HistoryEvent, { type: 'invoke' }>): Call {
  return {
    ...call,
    member: event.member ?? call.member,
    outcome: event.type,
    returnedMs: Math.max(event.atMs, call.invokedMs),
    output: event.type === 'ok' ? event.output : undefined,
    error: event.type === 'ok' ? undefined : event.error,
  };
}
