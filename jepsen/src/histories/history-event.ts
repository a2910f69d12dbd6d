import type { Json, JsonObject } from './json.js';
import type { ProcessId } from './operation.js';

/** The process whose operations are the faults. */
export const NEMESIS = 'nemesis';

/**
 * The kind of the nemesis's call that ends a fault; whatever else it calls begins one. Its input names
 * the call that began the fault: `{kind: 'heal', fault: 42}`; without that it ends all that are left.
 */
export const HEAL = 'heal';

/** What a client calls, or a fault that begins: its kind, and what belongs to that kind. */
export type CallInput = JsonObject & { readonly kind: string };

/** Why a call brought no answer. */
export interface CallError {
  /** The system's own code where it has one. */
  readonly code: string;
  readonly message: string;
}

interface Event {
  /** Its place in the history, from 0: finer than any clock, as one program sees all of it. */
  readonly index: number;
  /** Milliseconds since the history began, by a clock that never runs back. */
  readonly atMs: number;
  readonly process: ProcessId;
}

/** A client calls, or a fault is about to strike. */
export interface InvokeEvent extends Event {
  readonly type: 'invoke';
  readonly input: CallInput;
  /** The member that is asked, where the client chooses one. */
  readonly member?: number;
  /** The session in which it runs as a command, where the system has sessions; what only reads has none. */
  readonly session?: string;
}

interface Completion extends Event {
  /** The index of the call that ends. */
  readonly call: number;
  /** The member that answered, where that is known. */
  readonly member?: number;
}

/** It was answered, or the fault is in force. */
export interface OkEvent extends Completion {
  readonly type: 'ok';
  readonly output: Json;
}

/** It certainly never takes effect. */
export interface FailEvent extends Completion {
  readonly type: 'fail';
  readonly error: CallError;
}

/** Nobody knows whether it took, or takes, effect. */
export interface InfoEvent extends Completion {
  readonly type: 'info';
  readonly error: CallError;
}

/** One line of a history. */
export type HistoryEvent = InvokeEvent | OkEvent | FailEvent | InfoEvent;
