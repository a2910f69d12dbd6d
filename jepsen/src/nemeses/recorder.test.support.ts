import type { CallError, CallInput } from '../histories/history-event.js';
import type { Json } from '../histories/json.js';
import type { NemesisRecorder } from './nemesis-recorder.js';

export interface RecordedCall {
  readonly input: CallInput;
  output?: Json;
  error?: CallError;
}

/** Calls of nemeses, in the order in which they began. */
export class CallList implements NemesisRecorder {
  readonly calls: RecordedCall[] = [];
  readonly #onCall: () => void;

  constructor(onCall: () => void = () => undefined) {
    this.#onCall = onCall;
  }

  invoked({ input }: { readonly input: CallInput }): number {
    const call = this.calls.push({ input }) - 1;
    this.#onCall();
    return call;
  }

  ok(call: number, output: Json): void {
    this.#at(call).output = output;
  }

  fail(call: number, error: CallError): void {
    this.#at(call).error = error;
  }

  info(call: number, error: CallError): void {
    this.#at(call).error = error;
  }

  #at(call: number): RecordedCall {
    const recorded = this.calls[call];
    if (recorded === undefined) throw new Error(`there is no call ${call}`);
    return recorded;
  }
}
