import { JepsenError } from '../errors.js';
import type { HistoryWriter } from '../histories/file/history-writer.js';
import type { CallInput } from '../histories/history-event.js';
import type { Json } from '../histories/json.js';
import type { Client, ClientAnswer } from '../workloads/workload.js';
import { DefiniteFailure } from '../workloads/workload.js';
import { callError } from './call-error.js';
import { pause } from './pause.js';

/** Beyond the time of a call, for a client that does not listen to its signal. */
const OVERRUN_MS = 2_000;
/** How the tool names it in a history. */
export const CALL_OVERRUN = 'CALL_OVERRUN';
const REOPEN_PAUSE_MS = 200;
/** For a client to close: one that hangs is left behind. */
const CLOSE_MS = 2_000;

export interface CallerOptions {
  /** Its number, from 0: the name of its first process. */
  readonly number: number;
  /** Names are this far apart. */
  readonly clients: number;
  readonly timeoutMs: number;
  readonly recorder: HistoryWriter;
  open(process: number): Promise<Client>;
}

/**
 * One client with its place in the history. After a call of unknown outcome it goes on as another process: the
 * former one's call may still be under way.
 */
export class Caller implements AsyncDisposable {
  readonly #options: CallerOptions;
  #process: number;
  #client: Client | undefined;
  #openFailure: string | undefined;
  /** Clients that were left behind: their sessions are others than those of the next ones, whatever they are called. */
  #left = 0;

  constructor(options: CallerOptions) {
    this.#options = options;
    this.#process = options.number;
  }

  /** Why the last client that it asked for could not be had. */
  get openFailure(): string | undefined {
    return this.#openFailure;
  }

  /**
   * What it brought; undefined: no answer. It is in the history either way, unless no client could be had.
   *
   * @throws JepsenError HISTORY_INVALID where the client answers with what a history can't hold
   */
  async call(
    input: CallInput,
    signal: AbortSignal,
  ): Promise<{ readonly output: Json } | undefined> {
    const client = await this.#opened(signal);
    if (client === undefined) return undefined;
    const { recorder, timeoutMs, clients } = this.#options;
    const { member } = client;
    const session = this.#sessionOf(client);
    const call = recorder.invoked({ process: this.#process, input, member, session });
    try {
      const answer = await this.#invoke(client, input, timeoutMs);
      requireJson(answer, input);
      recorder.ok(call, answer.output, answer.member ?? member);
      return { output: answer.output };
    } catch (error) {
      // Its own: no outcome of a call.
      if (error instanceof JepsenError) throw error;
      if (error instanceof DefiniteFailure) {
        recorder.fail(call, callError(error));
      } else {
        recorder.info(call, callError(error));
        this.#process += clients;
      }
      return undefined;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }

  /** What a client that was left behind sent may still take effect after all that the next one sends. */
  #sessionOf({ session }: Client): string | undefined {
    return session === undefined || this.#left === 0 ? session : `${session}/${this.#left}`;
  }

  /** Calls are not interrupted by the end of the test: their time is bounded, and each answer tells something. */
  async #invoke(client: Client, input: CallInput, timeoutMs: number) {
    const overrun = new AbortController();
    const late = pause(timeoutMs + OVERRUN_MS, overrun.signal).then((): never => {
      throw new CallOverrun(timeoutMs);
    });
    late.catch(() => {}); // where the answer came first
    try {
      const answer = client.invoke(input, { signal: AbortSignal.timeout(timeoutMs), timeoutMs });
      return await Promise.race([answer, late]);
    } catch (error) {
      if (error instanceof CallOverrun) {
        this.#left += 1;
        await this.#close();
      }
      throw error;
    } finally {
      overrun.abort();
    }
  }

  async #opened(signal: AbortSignal): Promise<Client | undefined> {
    if (this.#client !== undefined) return this.#client;
    const over = new AbortController();
    try {
      const opening = this.#options.open(this.#options.number);
      const late = pause(this.#options.timeoutMs, AbortSignal.any([signal, over.signal]));
      this.#client = (await Promise.race([opening, late])) ?? undefined;
      if (this.#client === undefined) this.#leave(opening);
    } catch (error) {
      // Members may all be away just now: whoever calls next tries again.
      this.#openFailure = `${error}`;
      await pause(REOPEN_PAUSE_MS, signal);
    } finally {
      over.abort();
    }
    return this.#client;
  }

  /** One that comes late, if it comes, is closed. */
  #leave(opening: Promise<Client>): void {
    this.#openFailure = `none was open within ${this.#options.timeoutMs} ms`;
    opening.then((client) => client[Symbol.asyncDispose]()).catch(() => {});
  }

  async #close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    if (client === undefined) return;
    const closed = new AbortController();
    try {
      const closing = client[Symbol.asyncDispose]();
      await Promise.race([closing, pause(CLOSE_MS, closed.signal)]);
    } catch {
      // What it held goes with this process; the history has all that it saw.
    } finally {
      closed.abort();
    }
  }
}

function requireJson(answer: ClientAnswer, input: CallInput): void {
  if (isJson(answer?.output)) return;
  const text = JSON.stringify(input);
  throw new JepsenError(
    'HISTORY_INVALID',
    `the client answers ${text} with an output that is no JSON`,
  );
}

function isJson(output: unknown): boolean {
  try {
    return JSON.stringify(output) !== undefined;
  } catch {
    return false;
  }
}

class CallOverrun extends Error {
  override readonly name = 'CallOverrun';
  readonly code = CALL_OVERRUN;

  constructor(timeoutMs: number) {
    super(`the client did not end the call within ${timeoutMs} ms, nor soon after`);
  }
}
