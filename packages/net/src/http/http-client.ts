import { Agent, type Dispatcher } from 'undici';
import { formatAddress, parseAddress } from '../endpoint/address.js';
import { NetError, optionsInvalid } from '../errors.js';
import { completeOptions } from '../options/index.js';
import type { HttpHeaders } from './byte-range.js';
import { type HttpClientLimits, httpClientLimitsForm } from './http-limits.js';

export interface HttpCall {
  /** GET by default. */
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  /** With its query, percent-encoded. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Breaks off the request, and what is still to come of its answer. */
  readonly signal?: AbortSignal;
}

/**
 * Requests over HTTP/1.1 to any number of addresses, over connections that are kept. Follows no
 * redirection, tries nothing again, and has no limit of time for a whole answer: it may take as long
 * as something comes within `bodyTimeoutMs`.
 */
export class HttpClient implements AsyncDisposable {
  readonly #agent: Agent;
  readonly #limits: HttpClientLimits;

  /** Throws OPTIONS_INVALID. */
  constructor(limits: Partial<HttpClientLimits> = {}) {
    this.#limits = completeOptions(httpClientLimitsForm, limits, optionsInvalid);
    const { connectTimeoutMs, maxConnectionsPerAddress } = this.#limits;
    this.#agent = new Agent({
      connections: maxConnectionsPerAddress,
      pipelining: 1,
      connect: { timeout: connectTimeoutMs },
      headersTimeout: this.#limits.headersTimeoutMs,
      bodyTimeout: this.#limits.bodyTimeoutMs,
      keepAliveTimeout: this.#limits.idleTimeoutMs,
      maxHeaderSize: this.#limits.maxHeaderBytes,
    });
  }

  /**
   * Resolves when an answer begins, whatever its status. Dispose of it: it holds a connection until
   * it was read to its end. Rejects with HTTP_FAILED, ADDRESS_UNUSABLE or the signal's reason.
   */
  async request(address: string, call: HttpCall): Promise<HttpAnswer> {
    const { host, port } = parseAddress(address);
    const { signal } = call;
    signal?.throwIfAborted();
    try {
      const answer = await this.#agent.request({
        origin: `http://${formatAddress(host, port)}`,
        path: call.path,
        method: call.method ?? 'GET',
        headers: { ...call.headers },
        body: call.body ?? null,
        signal: signal ?? null,
      });
      return new AgentAnswer(address, answer, this.#limits.maxBodyBytes, signal);
    } catch (cause) {
      throw failure(address, cause, signal);
    }
  }

  /** Breaks off what is under way. Safe to call twice. */
  async close(): Promise<void> {
    if (!this.#agent.destroyed) await this.#agent.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * An answer that has begun to arrive. Its body is taken once, as a whole or in chunks. Disposing of it gives
 * up what was not read.
 */
export interface HttpAnswer extends AsyncDisposable {
  readonly status: number;
  readonly headers: HttpHeaders;
  /** As they arrive. Rejects with HTTP_FAILED where they break off, or the signal's reason. */
  chunks(): AsyncGenerator<Buffer, void, void>;
  /** The whole; rejects with HTTP_TOO_LARGE too. */
  body(): Promise<Buffer>;
}

/** What sends requests: an HttpClient, or what stands for one. */
export type HttpRequester = Pick<HttpClient, 'request'>;

class AgentAnswer implements HttpAnswer {
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly #address: string;
  readonly #body: Dispatcher.ResponseData['body'];
  readonly #maxBodyBytes: number;
  readonly #signal: AbortSignal | undefined;

  constructor(
    address: string,
    { statusCode, headers, body }: Dispatcher.ResponseData,
    maxBodyBytes: number,
    signal: AbortSignal | undefined,
  ) {
    this.status = statusCode;
    this.headers = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join(', ') : value,
      ]),
    );
    this.#address = address;
    this.#body = body;
    this.#maxBodyBytes = maxBodyBytes;
    this.#signal = signal;
    // One that nobody reads any more is told to nobody.
    body.on('error', () => {});
  }

  async *chunks(): AsyncGenerator<Buffer, void, void> {
    try {
      for await (const chunk of this.#body) yield chunk as Buffer;
    } catch (cause) {
      throw failure(this.#address, cause, this.#signal);
    }
  }

  async body(): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of this.chunks()) {
      bytes += chunk.byteLength;
      if (bytes > this.#maxBodyBytes) {
        const reason = `${this.#address} answers with more than ${this.#maxBodyBytes} bytes`;
        throw new NetError('HTTP_TOO_LARGE', `${reason}: check what listens there`);
      }
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#body.destroy();
  }
}

function failure(address: string, cause: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason;
  if (cause instanceof NetError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new NetError('HTTP_FAILED', `no answer of ${address}: ${message}`, { cause });
}
