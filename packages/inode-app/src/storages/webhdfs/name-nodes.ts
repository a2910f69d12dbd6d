import { Agent, type Dispatcher } from 'undici';
import { MAX_LISTING_BYTES } from '../storage.js';
import { StorageError } from '../storage-error.js';
import { encodedPath } from './hdfs-path.js';
import {
  codeOfException,
  codeOfStatus,
  type RemoteException,
  remoteException,
} from './remote-exception.js';

/** What bounds the requests to a NameNode. */
export interface WebHdfsLimits {
  /** Milliseconds to connect; then another NameNode is asked. */
  readonly connectTimeoutMs: number;
  /** Milliseconds for an answer to begin, and without anything more of it. */
  readonly answerTimeoutMs: number;
  /** Bytes of an answer: they are held several times over while it is understood. */
  readonly maxAnswerBytes: number;
}

export const defaultWebHdfsLimits: WebHdfsLimits = {
  connectTimeoutMs: 5_000,
  answerTimeoutMs: 30_000,
  maxAnswerBytes: MAX_LISTING_BYTES / 4,
};

/** Milliseconds that a connection stays open between requests: less than any server keeps it. */
const IDLE_TIMEOUT_MS = 4_000;
const MAX_HEADER_BYTES = 16 * 1024;
/** Characters of a path, and of what a server says, in a message. */
const MAX_QUOTED_CHARACTERS = 300;

export interface NameNodeCall {
  readonly method: 'GET' | 'PUT' | 'DELETE';
  /** As WebHDFS calls it: `MKDIRS`. */
  readonly operation: string;
  /** From the root. */
  readonly path: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

export interface NameNodesOptions {
  readonly origins: readonly string[];
  /** Who asks, as parameters of each request. */
  readonly identity: Readonly<Record<string, string>>;
  /** What no message may hold. */
  readonly secrets: readonly string[];
  readonly limits: WebHdfsLimits;
}

/** What one NameNode made of a call: `unserved` surely had no effect, and another one may serve it. */
type Outcome =
  | { readonly kind: 'served'; readonly value: unknown }
  | { readonly kind: 'failed' | 'unserved'; readonly error: StorageError };

/** What came, and from which. */
interface Served {
  readonly origin: string;
  readonly value: unknown;
}

/**
 * The NameNodes of a cluster, of which one serves at a time. A call goes to the one that served last, and once to each other
 * while it is passed on: by one that stands by, or that can't be reached at all. Keeps as many connections as there are
 * calls at a time.
 */
export class NameNodes implements AsyncDisposable {
  readonly #origins: readonly string[];
  readonly #identity: Readonly<Record<string, string>>;
  readonly #secrets: readonly string[];
  readonly #maxAnswerBytes: number;
  readonly #agent: Agent;
  /** Index of the one to ask first. */
  #first = 0;

  constructor({ origins, identity, secrets, limits }: NameNodesOptions) {
    this.#origins = origins;
    this.#identity = identity;
    this.#secrets = secrets;
    this.#maxAnswerBytes = limits.maxAnswerBytes;
    this.#agent = new Agent({
      pipelining: 1,
      connect: { timeout: limits.connectTimeoutMs },
      headersTimeout: limits.answerTimeoutMs,
      bodyTimeout: limits.answerTimeoutMs,
      keepAliveTimeout: IDLE_TIMEOUT_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    });
  }

  /** Resolves with the JSON of the answer; undefined where it is empty. Rejects with StorageError or the signal's reason. */
  async call(call: NameNodeCall, signal: AbortSignal): Promise<unknown> {
    return (await this.#serve(call, signal)).value;
  }

  /** Where the one that serves answers. Asks only where there are several. */
  async servingOrigin(signal: AbortSignal): Promise<string> {
    this.throwIfEnded(signal);
    if (this.#origins.length === 1) return this.#origin(0);
    const call = { method: 'GET', operation: 'GETFILESTATUS', path: '/' } as const;
    return (await this.#serve(call, signal)).origin;
  }

  /** Throws the signal's reason once it is aborted, and UNREACHABLE once this is closed. */
  throwIfEnded(signal: AbortSignal): void {
    signal.throwIfAborted();
    if (this.#agent.destroyed) throw new StorageError('UNREACHABLE', 'the storage was closed');
  }

  /** Breaks off what is under way. Safe to call twice. */
  async close(): Promise<void> {
    if (!this.#agent.destroyed) await this.#agent.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #serve(call: NameNodeCall, signal: AbortSignal): Promise<Served> {
    this.throwIfEnded(signal);
    const unserved: StorageError[] = [];
    for (const index of this.#inOrder()) {
      const outcome = await this.#ask(index, call, signal);
      if (outcome.kind === 'served') {
        this.#first = index;
        return { origin: this.#origin(index), value: outcome.value };
      }
      if (outcome.kind === 'failed') {
        // One that hangs keeps nobody from the others a second time.
        const silent = outcome.error.code === 'UNREACHABLE';
        this.#first = silent ? (index + 1) % this.#origins.length : index;
        throw outcome.error;
      }
      unserved.push(outcome.error);
    }
    throw unservedError(unserved);
  }

  #inOrder(): number[] {
    return this.#origins.map((_, offset) => (this.#first + offset) % this.#origins.length);
  }

  #origin(index: number): string {
    return this.#origins[index] ?? '';
  }

  async #ask(index: number, call: NameNodeCall, signal: AbortSignal): Promise<Outcome> {
    signal.throwIfAborted();
    const origin = this.#origin(index);
    const failed = (
      code: StorageError['code'],
      what: string,
      cause?: unknown,
      kind: 'failed' | 'unserved' = 'failed',
    ): Outcome => ({
      kind,
      error: new StorageError(code, this.#message(origin, call, what), { cause }),
    });
    try {
      const answer = await this.#agent.request({
        origin,
        path: webHdfsTarget(call.operation, call.path, { ...call.parameters, ...this.#identity }),
        method: call.method,
        signal,
      });
      const text = await readText(answer.body, this.#maxAnswerBytes);
      if (text === undefined) {
        const code = call.method === 'GET' ? 'UNSUPPORTED' : 'UNREACHABLE';
        return failed(code, `the answer has more than ${this.#maxAnswerBytes} bytes`);
      }
      const value = parsed(text);
      const told = remoteException(value);
      if (told !== undefined) {
        const kind = told.exception === 'StandbyException' ? 'unserved' : 'failed';
        return failed(codeOfException(told), inWords(told), undefined, kind);
      }
      const { statusCode } = answer;
      if (statusCode < 200 || statusCode > 299) {
        return failed(codeOfStatus(statusCode), `status ${statusCode}, and not as WebHDFS answers`);
      }
      if (value === undefined && text !== '') return failed('UNREACHABLE', 'the answer is no JSON');
      return { kind: 'served', value };
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      const code = errorCode(cause);
      // Where a host has several addresses, there is one error of all of them, without a message.
      const reason = (cause instanceof Error && cause.message) || code;
      const kind = NEVER_CONNECTED.has(code) ? 'unserved' : 'failed';
      return failed('UNREACHABLE', `no answer: ${reason}`, cause, kind);
    }
  }

  /** What was asked of whom, and what came, in one line. */
  #message(origin: string, { operation, path }: NameNodeCall, what: string): string {
    let concealed = what;
    for (const secret of this.#secrets) concealed = concealed.replaceAll(secret, '***');
    return `${operation} ${quoted(path)} of ${origin}: ${oneLine(concealed)}`;
  }
}

/** What follows the origin in a URL of WebHDFS. */
export function webHdfsTarget(
  operation: string,
  path: string,
  parameters: Readonly<Record<string, string>>,
): string {
  const query = Object.entries({ op: operation, ...parameters })
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
  return `/webhdfs/v1${encodedPath(path)}?${query}`;
}

/** An answer that is JSON and yet not what was asked for. */
export function brokenAnswer({ operation, path }: NameNodeCall): StorageError {
  return new StorageError(
    'UNREACHABLE',
    `${operation} ${quoted(path)}: the answer is not as WebHDFS answers it`,
  );
}

/** A path as a message holds it. */
export function quoted(path: string): string {
  return JSON.stringify(path).slice(0, MAX_QUOTED_CHARACTERS);
}

/** Where nothing of a request was sent. */
const NEVER_CONNECTED = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'UND_ERR_CONNECT_TIMEOUT',
]);

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** One that stands by shows that the cluster lives, and may serve soon. */
function unservedError(errors: readonly StorageError[]): StorageError {
  const code = errors.some((error) => error.code === 'BUSY') ? 'BUSY' : 'UNREACHABLE';
  return new StorageError(code, errors.map((error) => error.message).join('; '), {
    cause: errors.at(-1),
  });
}

/** Undefined where there are more bytes. */
async function readText(
  body: Dispatcher.ResponseData['body'],
  maxBytes: number,
): Promise<string | undefined> {
  // Given up before its end, it fails once more for nobody.
  body.on('error', () => {});
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function inWords({ exception, message }: RemoteException): string {
  return `${exception}: ${message}`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ').slice(0, MAX_QUOTED_CHARACTERS);
}
