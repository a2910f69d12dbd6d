import type { CallError, CallInput } from '../histories/history-event.js';
import type { Json } from '../histories/json.js';

/**
 * Writes down what nemeses do, as calls of the process `nemesis`, several of which may be open at once:
 * - `{kind: 'kill'}`, by the nemesis's name: a fault is about to begin. Answered once it is in force, with what was done
 *   to whom: `{kind: 'kill-one', members: [2]}`. Failed where it can't be had now.
 * - `{kind: 'heal', fault: 42}`: what the call 42 began is about to end. Answered once it is undone, with what was found.
 * - `{kind: 'heal'}`: all that is left is. Answered once every member serves.
 */
export interface NemesisRecorder {
  /** The result names the call when it ends. */
  invoked(call: { readonly process: string; readonly input: CallInput }): number;
  ok(call: number, output: Json): void;
  /** It certainly did nothing. */
  fail(call: number, error: CallError): void;
  /** Some of it may be done. */
  info(call: number, error: CallError): void;
}
