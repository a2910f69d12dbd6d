/**
 * Who called: it is shown, and nothing is concluded from it. One process has one call at a time,
 * and takes a new name after a call whose outcome it does not know.
 */
export type ProcessId = number | string;

interface Invoked<Input> {
  readonly process: ProcessId;
  readonly input: Input;
  /**
   * When it was called: a time or a place in a sequence, in any unit that only grows. At equal
   * moments a return and an invocation overlap, because nobody knows which was first.
   */
  readonly invokedAt: number;
}

/** It was answered, and took effect at some moment between its call and its return. */
export interface DoneOperation<Input, Output> extends Invoked<Input> {
  readonly outcome: 'done';
  readonly output: Output;
  readonly returnedAt: number;
}

/** It certainly never takes effect. An answer such as "did not match" is done, not failed. */
export interface FailedOperation<Input> extends Invoked<Input> {
  readonly outcome: 'failed';
}

/** Nobody knows: it takes effect at any time after its call, even much later, or never. */
export interface UnknownOperation<Input> extends Invoked<Input> {
  readonly outcome: 'unknown';
  /** The last moment at which it can take effect, where the protocol knows one: after it, never. */
  readonly latestAt?: number;
}

/** What may have taken effect. */
export type EffectiveOperation<Input, Output> =
  | DoneOperation<Input, Output>
  | UnknownOperation<Input>;

/** A call by a client, and how it ended. A history is any number of them, in any order. */
export type Operation<Input, Output> = EffectiveOperation<Input, Output> | FailedOperation<Input>;
