import type { WireValue } from '@raft-ts/net';
import { type Outcome, StateMachineError } from '../../errors.js';
import type { MemberLink } from '../members/member-link.js';
import type { ClientSession } from '../session/client-session.js';

/** What a caller asks for. */
export type Request =
  | { readonly kind: 'command'; readonly value: WireValue }
  /** A query changes nothing; what is repeatable changes the same however often it is done. */
  | {
      readonly kind: 'query' | 'repeatable';
      readonly method: number;
      /** With the time that is left, milliseconds. */
      readonly body: (timeoutMs: number) => readonly WireValue[];
    };

/** What becomes of the caller's promise. */
export interface Settle {
  readonly resolve: (value: WireValue) => void;
  readonly reject: (error: StateMachineError) => void;
  /** Called after either. */
  readonly settled: (operation: Operation) => void;
}

/** A command or query that a caller waits for. */
export class Operation {
  readonly request: Request;
  /** On the monotonic clock. */
  readonly deadlineMs: number;
  #settle: Settle;
  readonly #signal: AbortSignal | undefined;
  #abort: (() => void) | undefined;

  /** Where it is on its way; undefined while it waits. */
  link: MemberLink | undefined;
  /** Of commands: where it has its sequence. */
  session: ClientSession | undefined;
  sequence = 0;
  /** An earlier attempt may have taken effect, or still may. */
  inDoubt = false;
  /** Why the last attempt failed. */
  problem: StateMachineError | undefined;
  /** Attempts in a row that found too much to do. */
  refusals = 0;
  retryAtMs = 0;
  settled = false;

  /** An abort rejects it, too. */
  constructor(request: Request, deadlineMs: number, settle: Settle, signal?: AbortSignal) {
    this.request = request;
    this.deadlineMs = deadlineMs;
    this.#settle = settle;
    this.#signal = signal;
    if (signal === undefined) return;
    this.#abort = () => this.reject(abortedError(signal.reason));
    signal.addEventListener('abort', this.#abort);
  }

  /** Who is told that it is settled, from now on. */
  settledTo(settled: (operation: Operation) => void): void {
    this.#settle = { ...this.#settle, settled };
  }

  resolve(value: WireValue): void {
    this.#end();
    this.#settle.resolve(value);
    this.#settle.settled(this);
  }

  /** With the outcome of all attempts, whatever the error says of the last one. */
  reject(error: StateMachineError): void {
    const { outcome } = this;
    this.#end();
    const { code, message, cause } = error;
    const same = error.outcome === outcome;
    this.#settle.reject(same ? error : new StateMachineError(code, message, { outcome, cause }));
    this.#settle.settled(this);
  }

  /** What is known when nothing further is done. */
  get outcome(): Outcome {
    if (this.request.kind === 'query') return 'definite';
    return this.inDoubt || this.link !== undefined ? 'unknown' : 'definite';
  }

  #end(): void {
    this.settled = true;
    this.link = undefined;
    if (this.#abort !== undefined) this.#signal?.removeEventListener('abort', this.#abort);
    this.session?.settle(this.sequence);
  }
}

export function abortedError(cause: unknown): StateMachineError {
  return new StateMachineError('ABORTED', 'the request was aborted', { cause });
}
