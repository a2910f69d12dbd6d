import { displayBytes } from '../display.js';
import { InodeAppError, isRefusalCode, refusalText } from '../errors.js';
import { MAX_LIST_PAGE } from '../namespace/limits.js';
import type {
  NamespaceCommand,
  NamespaceErrorCode,
  NamespaceQuery,
  OperationResult,
} from '../namespace/operations/operation.js';
import { encodeCommand, parseResults } from '../namespace/operations/operation-codec.js';
import { encodeQuery, type ParsedAnswer, parseAnswer } from '../namespace/queries/query-codec.js';
import { type ByteString, textFromByteString } from '../namespace/tree/byte-string.js';
import type { Inode } from '../namespace/tree/inode.js';
import { WireError } from '../namespace/wire-error.js';
import { connectionError } from './connection-error.js';

/** What these clients need of the framework's: it finds the leader, and tries again. */
export interface CommandClient {
  command(value: unknown, options: { readonly signal?: AbortSignal }): Promise<unknown>;
  query(
    value: unknown,
    options: { readonly consistency: 'linearizable'; readonly signal?: AbortSignal },
  ): Promise<unknown>;
  close(): Promise<void>;
}

export interface Page {
  readonly entries: readonly { readonly name: ByteString; readonly inode: Inode }[];
  /** Whether there are names behind the last one. */
  readonly more: boolean;
}

/**
 * The tree of a cluster in the system's own terms: paths are byte strings, results as they come.
 * Errors are InodeAppErrors. Programs use NamespaceClient.
 */
export class ByteClient implements AsyncDisposable {
  readonly #client: CommandClient;

  constructor(client: CommandClient) {
    this.#client = client;
  }

  /**
   * Carries out operations in order, in one step that others see wholly or not at all; a refused
   * one does not keep the others back. Rejects with UNAVAILABLE or OUTCOME_UNKNOWN.
   */
  async run(command: NamespaceCommand, signal?: AbortSignal): Promise<readonly OperationResult[]> {
    const value = await this.#attempt(
      this.#client.command(encodeCommand(command), signal === undefined ? {} : { signal }),
    );
    return parsed(() => parseResults(value, command.length));
  }

  /** Rejects with NOT_FOUND, NOT_A_DIRECTORY or a fault of the path. */
  async getStatus(path: ByteString, signal?: AbortSignal): Promise<Inode> {
    const answer = await this.#ask({ kind: 'getStatus', path }, signal);
    if (answer.kind !== 'status') throw unexpected();
    return answer.inode;
  }

  /** The inode with an id, and its path now; NOT_FOUND when it has gone. */
  async getStatusById(
    id: number,
    signal?: AbortSignal,
  ): Promise<{ readonly inode: Inode; readonly path: ByteString }> {
    const answer = await this.#ask({ kind: 'getStatusById', id }, signal);
    if (answer.kind !== 'located') throw unexpected();
    return answer;
  }

  /** Entries of a directory behind a name, in byte order, from one moment. */
  async listPage(path: ByteString, after: ByteString, signal?: AbortSignal): Promise<Page> {
    const answer = await this.#ask({ kind: 'list', path, after, limit: MAX_LIST_PAGE }, signal);
    if (answer.kind !== 'page') throw unexpected();
    return answer;
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #ask(query: NamespaceQuery, signal: AbortSignal | undefined): Promise<ParsedAnswer> {
    const options = { consistency: 'linearizable', ...(signal === undefined ? {} : { signal }) };
    const value = await this.#attempt(
      this.#client.query(encodeQuery(query), options as { consistency: 'linearizable' }),
    );
    const answer = parsed(() => parseAnswer(query, value));
    if (answer.kind === 'refused') throw refusal([answer.code, answer.path]);
    return answer;
  }

  async #attempt<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw connectionError(error);
    }
  }
}

/** The error for an operation that was refused. */
export function refusal([code, path]: readonly [NamespaceErrorCode, ByteString]): InodeAppError {
  const options = { path: textFromByteString(path) };
  if (!isRefusalCode(code)) {
    return new InodeAppError('ANSWER_INVALID', `refused with the unknown code ${code}`, options);
  }
  return new InodeAppError(code, `${displayBytes(path)}: ${refusalText(code)}`, options);
}

function unexpected(): InodeAppError {
  return new InodeAppError('ANSWER_INVALID', 'the member answered another question');
}

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    if (!(cause instanceof WireError)) throw cause;
    const message = `the member's answer makes no sense: ${cause.message}`;
    throw new InodeAppError('ANSWER_INVALID', message, { cause });
  }
}
