import { JepsenError } from '../errors.js';
import type { Operation, ProcessId } from './operation.js';

/** A call that has not ended yet. */
export type OpenCall = number;

interface Invocation<Input> {
  readonly process: ProcessId;
  readonly input: Input;
  readonly invokedAt: number;
}

/**
 * Writes down a history while it happens. Calls and returns are numbered as they come: finer than
 * any clock, and right wherever one program sees all of them.
 */
export class HistoryRecorder<Input, Output> {
  readonly #open = new Map<OpenCall, Invocation<Input>>();
  readonly #ended: Operation<Input, Output>[] = [];
  #moment = 0;

  /** A client calls. The result names the call when it ends. */
  invoked(process: ProcessId, input: Input): OpenCall {
    const invokedAt = this.#moment++;
    this.#open.set(invokedAt, { process, input, invokedAt });
    return invokedAt;
  }

  /** It was answered. */
  done(call: OpenCall, output: Output): void {
    const returnedAt = this.#moment++;
    this.#ended.push({ ...this.#end(call), outcome: 'done', output, returnedAt });
  }

  /** It is certain that it never takes effect. */
  failed(call: OpenCall): void {
    this.#ended.push({ ...this.#end(call), outcome: 'failed' });
  }

  /** The client gave up, and does not know. */
  unknown(call: OpenCall): void {
    this.#ended.push({ ...this.#end(call), outcome: 'unknown' });
  }

  /** All calls so far. Those that have not ended are of unknown outcome. */
  operations(): readonly Operation<Input, Output>[] {
    const open = [...this.#open.values()].map(
      (invocation) => ({ ...invocation, outcome: 'unknown' }) as const,
    );
    return [...this.#ended, ...open];
  }

  #end(call: OpenCall): Invocation<Input> {
    const invocation = this.#open.get(call);
    if (invocation === undefined) {
      throw new JepsenError('HISTORY_INVALID', `call ${call} was never made, or has ended before`);
    }
    this.#open.delete(call);
    return invocation;
  }
}
