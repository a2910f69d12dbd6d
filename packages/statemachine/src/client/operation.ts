import type { WireValue } from '@raft-ts/net';
import { type Outcome, StateMachineError, type StateMachineErrorCode } from '../errors.js';
import type { AttemptFailure } from './attempt-failure.js';
import type { ClientSession } from './client-session.js';
import type { LeaderLink } from './leader-link.js';

/** What becomes of the caller's promise. */
export interface Settle {
  readonly resolve: (value: WireValue) => void;
  readonly reject: (error: StateMachineError) => void;
}

/** A command or linearizable query that a caller waits for. */
export class Operation {
  readonly kind: 'command' | 'query';
  readonly value: WireValue;
  /** On the monotonic clock. */
  readonly deadlineMs: number;
  readonly #settle: Settle;
  #signal: AbortSignal | undefined;
  #abort: (() => void) | undefined;

  /** Where it is on its way; undefined while it waits. */
  link: LeaderLink | undefined;
  /** Of commands: where it has its sequence. */
  session: ClientSession | undefined;
  sequence = 0;
  /** An earlier attempt may have taken effect, or still may. */
  inDoubt = false;
  /** Why the last attempt failed. */
  problem: AttemptFailure | undefined;
  retryAtMs = 0;
  settled = false;

  constructor(kind: 'command' | 'query', value: WireValue, deadlineMs: number, settle: Settle) {
    this.kind = kind;
    this.value = value;
    this.deadlineMs = deadlineMs;
    this.#settle = settle;
  }

  /** Calls `abort` when the signal is aborted while this is not settled. */
  watch(signal: AbortSignal, abort: () => void): void {
    this.#signal = signal;
    this.#abort = abort;
    signal.addEventListener('abort', abort);
  }

  resolve(value: WireValue): void {
    this.#end();
    this.#settle.resolve(value);
  }

  reject(code: StateMachineErrorCode, message: string, cause?: unknown): void {
    const { outcome } = this;
    this.#end();
    this.#settle.reject(new StateMachineError(code, message, { outcome, cause }));
  }

  /** What is known when nothing further is done. */
  get outcome(): Outcome {
    if (this.kind === 'query') return 'definite';
    return this.inDoubt || this.link !== undefined ? 'unknown' : 'definite';
  }

  #end(): void {
    this.settled = true;
    this.link = undefined;
    if (this.#abort !== undefined) this.#signal?.removeEventListener('abort', this.#abort);
    if (this.session !== undefined) this.session.settle(this.sequence);
  }
}
