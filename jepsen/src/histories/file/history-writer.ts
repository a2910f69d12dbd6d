import { type FileHandle, open } from 'node:fs/promises';
import { JepsenError } from '../../errors.js';
import type { HistoryHeader } from '../history.js';
import type { CallError, CallInput, HistoryEvent } from '../history-event.js';
import { lineOf } from '../history-lines.js';
import type { OpenCall } from '../history-recorder.js';
import type { Json } from '../json.js';
import type { ProcessId } from '../operation.js';

/** Written at once; what comes meanwhile waits. */
const WRITE_CHARACTERS = 1024 * 1024;
/** With more waiting, `ready` has callers wait for the disk. */
const MAX_WAITING_CHARACTERS = 4 * 1024 * 1024;

export interface NewCall {
  readonly process: ProcessId;
  readonly input: CallInput;
  readonly member?: number | undefined;
  readonly session?: string | undefined;
}

export interface HistoryWriterOptions {
  /** Milliseconds since any moment, by a clock that never runs back. */
  readonly clock: () => number;
  /** Told each event as it happens. */
  readonly onEvent?: (event: HistoryEvent) => void;
}

/**
 * Writes the file of a history while the test runs. It numbers events as they come and gives them
 * their times, counted from the creation of the writer. What was written outlasts this process.
 */
export class HistoryWriter implements AsyncDisposable {
  readonly #handle: FileHandle;
  readonly #file: string;
  readonly #options: HistoryWriterOptions;
  readonly #beganAt: number;
  readonly #processes = new Map<OpenCall, ProcessId>();
  #waiting: string[] = [];
  #waitingCharacters = 0;
  #events = 0;
  #lastAtMs = 0;
  #writing: Promise<void> | undefined;
  #failure: JepsenError | undefined;
  #isClosed = false;

  private constructor(handle: FileHandle, file: string, options: HistoryWriterOptions) {
    this.#handle = handle;
    this.#file = file;
    this.#options = options;
    this.#beganAt = options.clock();
  }

  /**
   * @param file is made; it must not be there
   * @throws JepsenError STORE_FAILED
   */
  static async create(
    file: string,
    header: HistoryHeader,
    options: HistoryWriterOptions,
  ): Promise<HistoryWriter> {
    const handle = await open(file, 'ax').catch((error: unknown) => {
      throw storeFailed(file, error);
    });
    const writer = new HistoryWriter(handle, file, options);
    writer.#write(lineOf(header));
    return writer;
  }

  /** Milliseconds since the history began. */
  get atMs(): number {
    // Microseconds are enough, and clocks tell nanoseconds.
    const now = Math.round((this.#options.clock() - this.#beganAt) * 1000) / 1000;
    return Math.max(this.#lastAtMs, now);
  }

  /** A client calls, or a fault is about to strike. The result names the call when it ends. */
  invoked({ process, input, member, session }: NewCall): OpenCall {
    const event = this.#next(process);
    this.#processes.set(event.index, process);
    this.#add({
      ...event,
      type: 'invoke',
      input,
      ...(member === undefined ? {} : { member }),
      ...(session === undefined ? {} : { session }),
    });
    return event.index;
  }

  /** It was answered, or the fault is in force. */
  ok(call: OpenCall, output: Json, member?: number): void {
    this.#add({ ...this.#end(call, member), type: 'ok', output });
  }

  /** It is certain that it never takes effect. */
  fail(call: OpenCall, error: CallError, member?: number): void {
    this.#add({ ...this.#end(call, member), type: 'fail', error });
  }

  /** Nobody knows whether it took, or takes, effect. */
  info(call: OpenCall, error: CallError, member?: number): void {
    this.#add({ ...this.#end(call, member), type: 'info', error });
  }

  /**
   * Resolves once there is room for more: to be awaited before a call.
   *
   * @throws JepsenError STORE_FAILED once something could not be written
   */
  async ready(): Promise<void> {
    while (this.#waitingCharacters > MAX_WAITING_CHARACTERS && this.#failure === undefined) {
      await this.#writing;
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  /**
   * Resolves once everything is written. May be called again.
   *
   * @throws JepsenError STORE_FAILED where something could not be written
   */
  async close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      while (this.#writing !== undefined) await this.#writing;
      await this.#handle.close().catch((error: unknown) => {
        this.#failure ??= storeFailed(this.#file, error);
      });
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #next(process: ProcessId): { index: number; atMs: number; process: ProcessId } {
    this.#lastAtMs = this.atMs;
    return { index: this.#events++, atMs: this.#lastAtMs, process };
  }

  #end(call: OpenCall, member: number | undefined) {
    const process = this.#processes.get(call);
    if (process === undefined) {
      throw new JepsenError('HISTORY_INVALID', `call ${call} was never made, or has ended before`);
    }
    this.#processes.delete(call);
    return { ...this.#next(process), call, ...(member === undefined ? {} : { member }) };
  }

  #add(event: HistoryEvent): void {
    this.#write(lineOf(event));
    this.#options.onEvent?.(event);
  }

  #write(line: string): void {
    // What could not be written is told by `ready` and `close`; nothing may follow a gap.
    if (this.#isClosed || this.#failure !== undefined) return;
    this.#waiting.push(line);
    this.#waitingCharacters += line.length;
    this.#writing ??= this.#writeWaiting();
  }

  async #writeWaiting(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const text = this.#takeWaiting();
        await this.#handle.appendFile(text);
        this.#waitingCharacters -= text.length;
      }
    } catch (error) {
      this.#failure ??= storeFailed(this.#file, error);
      this.#waiting = [];
      this.#waitingCharacters = 0;
    } finally {
      this.#writing = undefined;
    }
  }

  #takeWaiting(): string {
    let characters = 0;
    let lines = 0;
    while (lines < this.#waiting.length && characters < WRITE_CHARACTERS) {
      characters += this.#waiting[lines]?.length ?? 0;
      lines += 1;
    }
    return this.#waiting.splice(0, lines).join('');
  }
}

function storeFailed(file: string, error: unknown): JepsenError {
  const reason = error instanceof Error ? error.message : String(error);
  return new JepsenError('STORE_FAILED', `${file} can't be written: ${reason}`);
}
