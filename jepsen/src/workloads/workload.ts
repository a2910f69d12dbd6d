import type { Checker } from '../checkers/checker.js';
import type { CallInput } from '../histories/history-event.js';
import type { Json, JsonObject } from '../histories/json.js';
import type { Random } from '../random.js';

/** What a client throws where the call certainly never takes effect. Whatever else it throws means that nobody knows. */
export class DefiniteFailure extends Error {
  override readonly name = 'DefiniteFailure';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export interface ClientCallOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/** What a call brought, where the client knows more than the answer. */
export interface ClientAnswer {
  readonly output: Json;
  /** The member that answered. */
  readonly member?: number;
}

/** One client of the system: it carries out one call at a time. */
export interface Client extends AsyncDisposable {
  /** The session in which its commands run, where the system has sessions; it may change. */
  readonly session?: string;
  /** The member that it asks, where it asks one and no other. */
  readonly member?: number;
  invoke(input: CallInput, options: ClientCallOptions): Promise<ClientAnswer>;
}

/** What clients call, as a function of the seed and of what was answered. */
export interface Generator {
  /** The next call of this client; undefined: it has nothing to do now. */
  next(process: number): CallInput | undefined;
  /** What an answer means for calls to come. */
  answered?(process: number, input: CallInput, output: Json): void;
}

export interface WorkloadOptions {
  readonly clients: number;
  readonly members: number;
  /** Calls of the whole test, about. */
  readonly calls: number;
}

/** What is asked of a system, and by what it is judged. Knows nothing of the system itself. */
export interface Workload {
  /** As on the command line. */
  readonly name: string;
  /** What it proves where it is valid: one line. */
  readonly proves: string;
  /** The kinds of calls that a client has to carry out. */
  readonly calls: readonly string[];
  generator(random: Random, options: WorkloadOptions): Generator;
  /** What is read once all is healed, each by any client; empty where nothing is. */
  finalCalls(options: WorkloadOptions): readonly CallInput[];
  /** Beside those that judge every test. */
  checkers(): readonly Checker[];
  /** For the header of the history, where checkers need it. */
  describe?(options: WorkloadOptions): JsonObject;
}
