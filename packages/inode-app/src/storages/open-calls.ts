import { StorageError } from './storage-error.js';

/** The calls of a storage that are under way: each ends at once when its caller gives up or the storage is closed. */
export class OpenCalls {
  readonly #closing = new Set<AbortController>();
  #closed = false;

  /**
   * Runs a call with a signal that aborts for both reasons. Rejects with the reason even while the call itself goes
   * on, which the operating system may not let go of.
   */
  async run<Result>(
    signal: AbortSignal,
    call: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    signal.throwIfAborted();
    if (this.#closed) throw closedError();
    const controller = new AbortController();
    const giveUp = () => controller.abort(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    this.#closing.add(controller);
    try {
      return await orAborted(call(controller.signal), controller.signal);
    } catch (error) {
      controller.signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener('abort', giveUp);
      this.#closing.delete(controller);
    }
  }

  close(): void {
    this.#closed = true;
    for (const controller of this.#closing) controller.abort(closedError());
  }
}

function closedError(): StorageError {
  return new StorageError('UNREACHABLE', 'The storage was closed by this process');
}

function orAborted<Result>(result: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    result.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
