import { JepsenError } from '../errors.js';
import type { History, HistoryHeader } from '../histories/history.js';
import type { CallInput, HistoryEvent } from '../histories/history-event.js';
import type { Json } from '../histories/json.js';
import type { ProcessId } from '../histories/operation.js';

/** The logs do not say when the test began. */
const NOT_TOLD = '1970-01-01T00:00:00.000Z';

/** A history as the logs of other programs tell it, by process: each has one call at a time. */
export class LogHistory {
  readonly #events: HistoryEvent[] = [];
  readonly #open = new Map<ProcessId, number>();
  #atMs = 0;

  /** When what comes next happened; a time before the last one is taken for that. */
  setTime(atMs: number): void {
    this.#atMs = Math.max(this.#atMs, atMs);
  }

  /** A call of this process that has not ended is of unknown outcome. */
  invoke(process: ProcessId, input: CallInput): void {
    const event = this.#event(process);
    this.#events.push({ ...event, type: 'invoke', input });
    this.#open.set(process, event.index);
  }

  /** What ends now is a call of this kind: one that the log tells as another was not read right. */
  expect(process: ProcessId, kind: string): void {
    const call = this.#events[this.#open.get(process) ?? -1];
    if (call?.type !== 'invoke' || call.input.kind === kind) return;
    throw new JepsenError(
      'LOG_INVALID',
      `a ${kind} of process ${process} ends, which called a ${call.input.kind}`,
    );
  }

  ok(process: ProcessId, output: Json): void {
    this.#events.push({ ...this.#end(process), type: 'ok', output });
  }

  fail(process: ProcessId, code: string): void {
    this.#events.push({ ...this.#end(process), type: 'fail', error: { code, message: code } });
  }

  info(process: ProcessId, code: string): void {
    this.#events.push({ ...this.#end(process), type: 'info', error: { code, message: code } });
  }

  /** @param workload by which it is judged */
  history(workload: string): History {
    const header: HistoryHeader = {
      format: 1,
      workload,
      suite: 'imported',
      nemeses: [],
      seed: 0,
      startedAt: NOT_TOLD,
      options: {},
    };
    return { header, events: this.#events };
  }

  #event(process: ProcessId) {
    return { index: this.#events.length, atMs: this.#atMs, process };
  }

  #end(process: ProcessId) {
    const call = this.#open.get(process);
    if (call === undefined) throw new JepsenError('LOG_INVALID', `process ${process} has no call`);
    this.#open.delete(process);
    return { ...this.#event(process), call };
  }
}
