import type { Clock } from '@raft-ts/net';
import { MAX_TIMER_MS } from '@raft-ts/net/options';

/** For how long a caller waits. */
export interface CallLimits {
  /** In the clock's monotonic milliseconds; without one a call is tried a number of times. */
  readonly deadlineMs?: number | undefined;
  readonly signal: AbortSignal;
}

/** What ends a call beside its caller's limits. */
interface CallEnds {
  /** Aborted when no call may go on. */
  readonly closing: AbortSignal;
  /** What to tell the caller at its deadline. */
  readonly atDeadline: (call: StorageCall) => Error;
}

/** One caller's call, with all its attempts: its signal is aborted at the deadline, with the caller's, and at closing. */
export class StorageCall implements Disposable {
  readonly deadlineMs: number;
  /** Since when it waits for a place, monotonic milliseconds. */
  queuedSinceMs: number | undefined;
  /** Whether this attempt got as far as the storage. */
  asked = false;
  readonly #controller = new AbortController();
  readonly #dispose: () => void;

  /** Throws the reason of a signal that is aborted already. */
  constructor(clock: Clock, limits: CallLimits, { closing, atDeadline }: CallEnds) {
    this.deadlineMs = limits.deadlineMs ?? Number.POSITIVE_INFINITY;
    limits.signal.throwIfAborted();
    closing.throwIfAborted();
    const ends = [limits.signal, closing].map((signal) => {
      const abort = () => this.#controller.abort(signal.reason);
      signal.addEventListener('abort', abort);
      return () => signal.removeEventListener('abort', abort);
    });
    ends.push(atTime(clock, this.deadlineMs, () => this.#controller.abort(atDeadline(this))));
    this.#dispose = () => {
      for (const end of ends) end();
    };
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    this.#dispose();
  }
}

/** Calls back at a time of the monotonic clock, however far away. */
function atTime(clock: Clock, atMs: number, callback: () => void): () => void {
  if (atMs === Number.POSITIVE_INFINITY) return () => {};
  const delayMs = atMs - clock.monotonicMs();
  if (delayMs <= 0) {
    callback();
    return () => {};
  }
  let cancel = clock.after(Math.min(delayMs, MAX_TIMER_MS), () => {
    cancel = atTime(clock, atMs, callback);
  });
  return () => cancel();
}
