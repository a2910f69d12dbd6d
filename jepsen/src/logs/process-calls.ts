import { JepsenError } from '../errors.js';
import { HistoryRecorder, type OpenCall } from '../histories/history-recorder.js';
import type { Operation, ProcessId } from '../histories/operation.js';

/** A history as logs tell it, by process: each has one call at a time. */
export class ProcessCalls<Input, Output> {
  readonly #recorder = new HistoryRecorder<Input, Output>();
  readonly #open = new Map<ProcessId, OpenCall>();

  /** A call of this process that has not ended is of unknown outcome from now on. */
  invoke(process: ProcessId, input: Input): void {
    this.#open.set(process, this.#recorder.invoked(process, input));
  }

  done(process: ProcessId, output: Output): void {
    this.#recorder.done(this.#end(process), output);
  }

  failed(process: ProcessId): void {
    this.#recorder.failed(this.#end(process));
  }

  unknown(process: ProcessId): void {
    this.#recorder.unknown(this.#end(process));
  }

  operations(): readonly Operation<Input, Output>[] {
    return this.#recorder.operations();
  }

  #end(process: ProcessId): OpenCall {
    const call = this.#open.get(process);
    if (call === undefined) throw new JepsenError('LOG_INVALID', `process ${process} has no call`);
    this.#open.delete(process);
    return call;
  }
}

/**
 * Hands each line to `read`, without its end.
 *
 * @throws JepsenError LOG_INVALID with the number of the line where `read` throws one, or gives
 *   false because it is not of its format
 */
export function readLines(text: string, read: (line: string) => boolean): void {
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    let problem = `not of this format: ${line.slice(0, 120)}`;
    try {
      if (read(line)) continue;
    } catch (error) {
      if (!(error instanceof JepsenError)) throw error;
      problem = error.message;
    }
    throw new JepsenError('LOG_INVALID', `line ${index + 1}: ${problem}`);
  }
}
