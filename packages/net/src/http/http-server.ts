import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type Clock, systemClock } from '../async/clock.js';
import { observe } from '../async/observe.js';
import { formatAddress, parseAddress } from '../endpoint/address.js';
import { socketOptions } from '../endpoint/connect-tcp.js';
import { bindError } from '../endpoint/listener.js';
import { isNetError, NetError, optionsInvalid } from '../errors.js';
import { callback, completeOptions, type OptionsForm, withMethods } from '../options/index.js';
import type { HttpHeaders } from './byte-range.js';
import { type HttpServerLimits, httpServerLimitsForm } from './http-limits.js';

export interface HttpRequest {
  readonly method: string;
  /** Without the query, percent-encoded as it was sent. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: HttpHeaders;
  /** The client's `host:port`. */
  readonly remote: string;
  /** Aborts when the client is gone before it was answered, or the server closes. */
  readonly signal: AbortSignal;
  /** The whole body; rejects with HTTP_TOO_LARGE, which is answered with 413, or the signal's reason. */
  body(): Promise<Buffer>;
}

/** What a request is answered with; disposed of once it was sent, or could not be. */
export interface HttpResponse extends Partial<AsyncDisposable> {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Chunks are asked for as the client takes them. Where they end in an error, or make less than the
   * header `content-length` says, the connection is closed, so that the client notices.
   */
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>;
}

/** What it throws is answered with 500, and told in an event. */
export type HttpHandler = (request: HttpRequest) => HttpResponse | Promise<HttpResponse>;

/** What a server's operator may want to know; nothing that has to be reacted to. */
export type HttpServerEvent =
  /** A connection was refused, or closed because of what its client did not read. */
  | { readonly type: 'rejected'; readonly remote: string; readonly reason: string }
  | { readonly type: 'accept-failed'; readonly error: Error }
  /** A handler threw, or what it answered with broke off. */
  | { readonly type: 'handler-failed'; readonly path: string; readonly error: unknown };

export interface HttpServerOptions extends Partial<HttpServerLimits> {
  readonly clock?: Clock;
  /** What it throws is uncaught, and the server goes on. */
  readonly onEvent?: (event: HttpServerEvent) => void;
}

const defaults = {
  ...httpServerLimitsForm.defaults,
  clock: systemClock,
  onEvent: (_event: HttpServerEvent): void => {},
};

const optionsForm: OptionsForm<HttpServerOptions, typeof defaults> = {
  fields: {
    ...httpServerLimitsForm.fields,
    clock: withMethods('monotonicMs', 'after'),
    onEvent: callback(),
  },
  defaults,
};

/** How often the time for headers and requests is looked at. */
const CHECK_INTERVAL_MS = 1_000;
const TOO_MANY = 'too many connections';

/** An HTTP/1.1 server on one address, until it is closed. */
export class HttpServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #handler: HttpHandler;
  readonly #limits: HttpServerLimits;
  readonly #clock: Clock;
  readonly #event: (event: HttpServerEvent) => void;
  readonly #exchanges = new Set<Promise<void>>();
  #address = '';
  #connections = 0;
  /** Connections without a request that is being answered; the one that has been silent for longest comes first. */
  readonly #silent = new Set<Socket>();
  #closing: Promise<void> | undefined;

  private constructor(handler: HttpHandler, options: HttpServerOptions) {
    const complete = completeOptions(optionsForm, options, optionsInvalid);
    this.#limits = complete;
    this.#handler = handler;
    this.#clock = complete.clock;
    this.#event = (event) => observe(complete.onEvent, event);
    const { maxHeaderBytes, headersTimeoutMs, requestTimeoutMs, idleTimeoutMs } = this.#limits;
    this.#server = createServer({
      ...socketOptions,
      maxHeaderSize: maxHeaderBytes,
      headersTimeout: headersTimeoutMs,
      requestTimeout: Math.max(requestTimeoutMs, headersTimeoutMs),
      keepAliveTimeout: idleTimeoutMs,
      connectionsCheckingInterval: Math.min(CHECK_INTERVAL_MS, headersTimeoutMs),
    });
    // One more than stay: it takes the place of one that asks nothing.
    this.#server.maxConnections = this.#limits.maxConnections + 1;
  }

  /** Rejects with OPTIONS_INVALID or ADDRESS_UNUSABLE. */
  static async open(
    address: string,
    handler: HttpHandler,
    options: HttpServerOptions = {},
  ): Promise<HttpServer> {
    const server = new HttpServer(handler, options);
    await server.#open(address);
    return server;
  }

  async #open(address: string): Promise<void> {
    const server = this.#server;
    const { host, port } = parseAddress(address);
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => reject(bindError(address, error)));
      server.listen({ host, port }, resolve);
    });
    server.removeAllListeners('error');
    const bound = server.address();
    const boundPort = typeof bound === 'object' && bound !== null ? bound.port : port;
    this.#address = formatAddress(host, boundPort);
    server.on('error', (error) => this.#event({ type: 'accept-failed', error }));
    server.on('drop', (drop) => {
      const remote = formatAddress(drop?.remoteAddress ?? '', drop?.remotePort ?? 0);
      this.#event({ type: 'rejected', remote, reason: TOO_MANY });
    });
    server.on('connection', (socket) => this.#accepted(socket));
    server.on('request', (incoming, outgoing) => {
      const { socket } = incoming;
      this.#silent.delete(socket);
      const exchange = this.#exchange(incoming, outgoing);
      this.#exchanges.add(exchange);
      void exchange.finally(() => {
        this.#exchanges.delete(exchange);
        if (!socket.destroyed) this.#silent.add(socket);
      });
    });
  }

  #accepted(socket: Socket): void {
    this.#connections++;
    this.#silent.add(socket);
    socket.once('close', () => {
      this.#connections--;
      this.#silent.delete(socket);
    });
    if (this.#connections > this.#limits.maxConnections) this.#makeRoom(socket);
  }

  /** Who only connects keeps nobody out: the first that asks nothing goes, and `last` if there is no other. */
  #makeRoom(last: Socket): void {
    const [first = last] = this.#silent;
    this.#silent.delete(first);
    const remote = formatAddress(first.remoteAddress ?? '', first.remotePort ?? 0);
    const reason = first === last ? TOO_MANY : 'it asked nothing, and others came';
    this.#event({ type: 'rejected', remote, reason });
    first.destroy();
  }

  /** Where it listens, with the port that it was given for port 0. */
  get address(): string {
    return this.#address;
  }

  get connections(): number {
    return this.#connections;
  }

  /** Breaks off what is under way, and resolves when all handlers and bodies have ended. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const ended = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await ended;
    await Promise.all(this.#exchanges);
  }

  /** One request and its answer; never rejects. */
  async #exchange(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const gone = new AbortController();
    const { socket } = incoming;
    const remote = formatAddress(socket.remoteAddress ?? '', socket.remotePort ?? 0);
    const abort = () => gone.abort(new NetError('HTTP_FAILED', `the client ${remote} is gone`));
    outgoing.once('close', abort);
    // A socket that fails is noticed by its close.
    outgoing.on('error', () => {});
    incoming.on('error', () => {});
    const { signal } = gone;
    let response: HttpResponse | undefined;
    try {
      const request = requestOf(incoming, remote, signal, this.#limits.maxBodyBytes);
      response = await this.#answer(request);
      await this.#send(incoming, outgoing, response, signal);
    } catch (error) {
      // Who is gone, or was closed for what it did not take, is no failure of the handler.
      if (!signal.aborted && !outgoing.destroyed) {
        this.#event({ type: 'handler-failed', path: incoming.url ?? '', error });
      }
      outgoing.destroy();
    } finally {
      outgoing.off('close', abort);
      await this.#dispose(response, incoming.url ?? '');
    }
  }

  async #answer(request: HttpRequest): Promise<HttpResponse> {
    try {
      return await this.#handler(request);
    } catch (error) {
      if (isNetError(error, 'HTTP_TOO_LARGE')) return problem(413, error.code, error.message);
      if (!request.signal.aborted) {
        this.#event({ type: 'handler-failed', path: request.path, error });
      }
      return problem(500, 'INTERNAL', 'the request could not be handled; the server told its log');
    }
  }

  async #send(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    { status, headers, body }: HttpResponse,
    signal: AbortSignal,
  ): Promise<void> {
    signal.throwIfAborted();
    // What was not read of a body would be taken for the next request.
    if (!incoming.complete) outgoing.setHeader('connection', 'close');
    outgoing.strictContentLength = true;
    if (body === undefined || body instanceof Uint8Array) {
      outgoing.writeHead(status, { ...headers, 'content-length': `${body?.byteLength ?? 0}` });
      outgoing.end(incoming.method === 'HEAD' ? undefined : body);
    } else {
      outgoing.writeHead(status, { ...headers });
      if (incoming.method !== 'HEAD') {
        for await (const chunk of body) {
          signal.throwIfAborted();
          if (!outgoing.write(chunk)) await this.#taken(outgoing, 'drain', signal);
        }
      }
      outgoing.end();
    }
    await this.#taken(outgoing, 'finish', signal);
  }

  /** Waits for the client to have taken what waits for it. */
  async #taken(
    outgoing: ServerResponse,
    event: 'drain' | 'finish',
    signal: AbortSignal,
  ): Promise<void> {
    if (event === 'finish' && outgoing.writableFinished) return;
    const { untakenTimeoutMs } = this.#limits;
    await new Promise<void>((resolve, reject) => {
      const release = () => {
        cancel();
        outgoing.off(event, done);
        signal.removeEventListener('abort', aborted);
      };
      const done = () => {
        release();
        resolve();
      };
      const aborted = () => {
        release();
        reject(signal.reason);
      };
      const cancel = this.#clock.after(untakenTimeoutMs, () => {
        release();
        const reason = `its client took nothing for ${untakenTimeoutMs} ms`;
        const { remoteAddress, remotePort } = outgoing.socket ?? {};
        const remote = formatAddress(remoteAddress ?? '', remotePort ?? 0);
        this.#event({ type: 'rejected', remote, reason });
        outgoing.destroy();
        reject(new NetError('HTTP_FAILED', reason));
      });
      outgoing.once(event, done);
      signal.addEventListener('abort', aborted);
      if (signal.aborted) aborted();
    });
  }

  async #dispose(response: HttpResponse | undefined, path: string): Promise<void> {
    try {
      await response?.[Symbol.asyncDispose]?.();
    } catch (error) {
      this.#event({ type: 'handler-failed', path, error });
    }
  }
}

/** An answer that says in JSON what is wrong: a stable code, and what to do. */
export function problem(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  const body = Buffer.from(JSON.stringify({ code, message }));
  return { status, headers: { ...headers, 'content-type': 'application/json' }, body };
}

function requestOf(
  incoming: IncomingMessage,
  remote: string,
  signal: AbortSignal,
  maxBodyBytes: number,
): HttpRequest {
  const url = incoming.url ?? '/';
  const end = url.indexOf('?');
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return {
    method: incoming.method ?? 'GET',
    path: end < 0 ? url : url.slice(0, end),
    query: new URLSearchParams(end < 0 ? '' : url.slice(end + 1)),
    headers,
    remote,
    signal,
    body: () => readBody(incoming, signal, maxBodyBytes),
  };
}

async function readBody(
  incoming: IncomingMessage,
  signal: AbortSignal,
  maxBytes: number,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
    signal.throwIfAborted();
    bytes += chunk.byteLength;
    if (bytes > maxBytes) {
      throw new NetError(
        'HTTP_TOO_LARGE',
        `a request may have ${maxBytes} bytes: send less at once`,
      );
    }
    chunks.push(chunk);
  }
  signal.throwIfAborted();
  return Buffer.concat(chunks);
}
