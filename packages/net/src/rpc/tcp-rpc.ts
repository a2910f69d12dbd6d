import type { Socket } from 'node:net';
import { observe } from '../async/observe.js';
import { CLOSED_UNGREETED, type FramedSocket } from '../channel/framed-socket.js';
import { acceptChannel, openChannel } from '../channel/handshake.js';
import { incompleteFrames, type SharedBytes, untakenAnswers } from '../channel/shared-bytes.js';
import { connectTcp } from '../endpoint/connect-tcp.js';
import { Listener } from '../endpoint/listener.js';
import { connectionsWithin, openFileLimit } from '../endpoint/open-files.js';
import { isNetError, NetError, optionsInvalid } from '../errors.js';
import {
  callback,
  completeOptions,
  listOf,
  milliseconds,
  type OptionsForm,
  optional,
  text,
  wholeNumber,
} from '../options/index.js';
import { Admission } from './admission.js';
import type { RpcConnection, RpcHandler, RpcNetwork, RpcServer } from './rpc.js';
import { notSent, RpcClientConnection } from './rpc-client-connection.js';
import { defaultRpcLimits, type RpcLimits, rpcLimitsForm } from './rpc-limits.js';
import {
  CONNECTION_ID,
  decodeHello,
  encodeFailure,
  encodeHello,
  rpcProtocol,
} from './rpc-protocol.js';
import { RpcServerConnection } from './rpc-server-connection.js';

/** What a server's operator may want to know; nothing that has to be reacted to. */
export type RpcServerEvent =
  /** A connection was refused, or closed because of what its client sent or did not read. */
  | { readonly type: 'rejected'; readonly remote: string; readonly reason: string }
  /** A connection could not be accepted; the server goes on. */
  | { readonly type: 'accept-failed'; readonly error: Error }
  /** A handler threw; its caller got an INTERNAL failure. */
  | { readonly type: 'handler-failed'; readonly method: number; readonly error: unknown };

export interface TcpRpcOptions extends Partial<RpcLimits> {
  /**
   * Connections of one server that have greeted; further ones are told RPC_OVERLOADED and closed.
   * By default what `connectionsWithin` leaves of the files that this process may open.
   */
  readonly maxConnections?: number;
  /** Connections that have not greeted; where there are more, the first is closed. 64 by default. */
  readonly maxUngreeted?: number;
  /**
   * Bytes of frames of which only a beginning has arrived, over all connections of a server: whose
   * frame has not got on for the longest is told so and closed. 64 MiB by default.
   */
  readonly maxIncompleteBytes?: number;
  /** Milliseconds in which a frame has to arrive whole. 30,000 by default. */
  readonly frameTimeoutMs?: number;
  /**
   * Bytes of answers that clients have not taken, over all connections of a server: who has not
   * taken anything for the longest is closed. 128 MiB by default.
   */
  readonly maxUntakenBytes?: number;
  /** Milliseconds in which a client has to take something of what waits for it. 30,000 by default. */
  readonly untakenTimeoutMs?: number;
  /** Milliseconds to connect and be greeted. 5,000 by default. */
  readonly connectTimeoutMs?: number;
  /** Milliseconds for a new client to greet. 5,000 by default. */
  readonly greetingTimeoutMs?: number;
  /** What a connection's client calls itself, 900 bytes at most and without line feeds. */
  readonly name?: string;
  /**
   * Clients with these names have room whatever others take: a connection each beyond
   * `maxConnections`, and `maxInflightBytes` for itself. One that comes takes the place of an earlier
   * one with its name. Against floods, not against liars: names are not proved.
   */
  readonly reservedNames?: readonly string[];
  /** What it throws is uncaught, and the server goes on. */
  readonly onEvent?: (event: RpcServerEvent) => void;
}

const defaults = {
  ...defaultRpcLimits,
  maxUngreeted: 64,
  maxIncompleteBytes: 64 * 1024 * 1024,
  frameTimeoutMs: 30_000,
  maxUntakenBytes: 128 * 1024 * 1024,
  untakenTimeoutMs: 30_000,
  connectTimeoutMs: 5_000,
  greetingTimeoutMs: 5_000,
  reservedNames: [] as readonly string[],
  onEvent: (_event: RpcServerEvent): void => {},
};

type CompleteOptions = typeof defaults &
  Pick<TcpRpcOptions, 'name'> & { readonly maxConnections: number };

/** `maxConnections` by default: what this process may have. */
function optionsForm(maxConnections: number): OptionsForm<TcpRpcOptions, CompleteOptions> {
  return {
    fields: {
      ...rpcLimitsForm.fields,
      maxConnections: wholeNumber(1),
      maxUngreeted: wholeNumber(1),
      maxIncompleteBytes: wholeNumber(1),
      frameTimeoutMs: milliseconds,
      maxUntakenBytes: wholeNumber(1),
      untakenTimeoutMs: milliseconds,
      connectTimeoutMs: milliseconds,
      greetingTimeoutMs: milliseconds,
      name: optional(text),
      reservedNames: listOf(text),
      onEvent: callback(),
    },
    defaults: { ...defaults, maxConnections },
  };
}

/** Requests and answers as frames over TCP. */
export class TcpRpcNetwork implements RpcNetwork {
  readonly #options: CompleteOptions;

  /** Throws OPTIONS_INVALID. */
  constructor(options: TcpRpcOptions = {}) {
    const maxConnections = connectionsWithin(openFileLimit());
    this.#options = completeOptions(optionsForm(maxConnections), options, optionsInvalid);
  }

  async listen(address: string, handler: RpcHandler): Promise<TcpRpcServer> {
    const server = new TcpRpcServer(this.#options, handler);
    await server.open(address);
    return server;
  }

  connect(address: string, signal?: AbortSignal): Promise<RpcConnection> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const channel = openChannel(connectTcp(address), {
        protocol: rpcProtocol,
        hello: encodeHello(this.#options.name),
        maxFrameBytes: this.#options.maxFrameBytes,
        timeoutMs: this.#options.connectTimeoutMs,
        welcomed: (channel) => {
          release();
          const connection = new RpcClientConnection(address, channel, this.#options);
          resolve(connection);
          return connection.events;
        },
        failed: (error) => {
          release();
          reject(signal?.aborted ? signal.reason : notConnected(address, error));
        },
      });
      const abort = () => channel.destroy();
      const release = () => signal?.removeEventListener('abort', abort);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }
}

function notConnected(address: string, error: Error): NetError {
  if (isNetError(error, 'RPC_OVERLOADED')) {
    return new NetError('RPC_OVERLOADED', `${address}: ${error.message}`, { cause: error });
  }
  if ('code' in error && OUT_OF_FILES.has(error.code)) {
    const why = `this process can open no more files (${error.code}): raise the limit (ulimit -n)`;
    return notSent(`not connected to ${address}: ${why}`, error);
  }
  const silently = error.message === CLOSED_UNGREETED ? FULL_SERVER : '';
  return notSent(`no server at ${address}: ${error.message}${silently}`, error);
}

/** Of the process, or of the machine. */
const OUT_OF_FILES: ReadonlySet<unknown> = new Set(['EMFILE', 'ENFILE']);

/** A process without files for a connection can say nothing there: its system accepts it, and closes it. */
const FULL_SERVER =
  ': another program listens there, or the server can open no more files, and needs a higher limit (ulimit -n)';

/** A server that listens on TCP. */
export class TcpRpcServer implements RpcServer {
  readonly #options: CompleteOptions;
  readonly #handler: RpcHandler;
  readonly #channels = new Set<FramedSocket>();
  readonly #admission: Admission<FramedSocket>;
  /** Those with a reserved name, which are not among the others that have greeted. */
  readonly #named = new Map<string, FramedSocket>();
  #reservedNames: ReadonlySet<string>;
  readonly #incomplete: SharedBytes;
  readonly #untaken: SharedBytes;
  readonly #inflight = { bytes: 0 };
  #listener: Listener | undefined;

  constructor(options: CompleteOptions, handler: RpcHandler) {
    this.#options = options;
    this.#handler = handler;
    this.#reservedNames = new Set(options.reservedNames);
    this.#admission = new Admission(options);
    this.#incomplete = incompleteFrames(options);
    this.#untaken = untakenAnswers(options);
  }

  async open(address: string): Promise<void> {
    this.#listener = await Listener.open(
      address,
      (socket) => this.#accept(socket),
      (error) => observe(this.#options.onEvent, { type: 'accept-failed', error }),
    );
  }

  get address(): string {
    return this.#listener?.address ?? '';
  }

  get connections(): number {
    return this.#channels.size;
  }

  /** Takes the place of `maxConnections`. Where there are more, those that came last are closed. */
  limitConnections(maxConnections: number): void {
    this.#admission.limit(maxConnections);
  }

  /** Takes the place of `reservedNames`, for those who come from now on. */
  reserveFor(names: readonly string[]): void {
    this.#reservedNames = new Set(names);
  }

  async close(): Promise<void> {
    const listenerClosed = this.#listener?.close();
    await Promise.all([...this.#channels].map((channel) => channel.close()));
    await listenerClosed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #accept(socket: Socket): void {
    const { greetingTimeoutMs, maxFrameBytes } = this.#options;
    const ended = (error: Error | undefined) => {
      this.#channels.delete(channel);
      this.#admission.gone(channel);
      if (!(error instanceof NetError)) return;
      observe(this.#options.onEvent, { type: 'rejected', remote, reason: error.message });
    };
    const channel = acceptChannel(socket, {
      protocol: rpcProtocol,
      maxFrameBytes,
      incomplete: this.#incomplete,
      untaken: this.#untaken,
      farewell: (message) => encodeFailure(CONNECTION_ID, { code: 'CONNECTION_CLOSED', message }),
      timeoutMs: greetingTimeoutMs,
      greeted: (text, channel) => {
        const name = decodeHello(text);
        if (name !== undefined && this.#reservedNames.has(name)) {
          this.#admission.gone(channel);
          return this.#serveNamed(channel, name, ended);
        }
        this.#admission.greeted(channel);
        return this.#serve(channel, this.#inflight, ended);
      },
      failed: ended,
    });
    const { remote } = channel;
    this.#channels.add(channel);
    this.#admission.came(channel);
  }

  #serveNamed(channel: FramedSocket, name: string, ended: (error: Error | undefined) => void) {
    this.#named.get(name)?.destroy();
    this.#named.set(name, channel);
    return this.#serve(channel, { bytes: 0 }, (error) => {
      if (this.#named.get(name) === channel) this.#named.delete(name);
      ended(error);
    });
  }

  #serve(
    channel: FramedSocket,
    inflight: { bytes: number },
    closed: (error: Error | undefined) => void,
  ) {
    return new RpcServerConnection(channel, {
      handler: this.#handler,
      peer: { host: channel.remoteHost },
      limits: this.#options,
      inflight,
      handlerFailed: (error, method) =>
        observe(this.#options.onEvent, { type: 'handler-failed', method, error }),
      closed,
    }).events;
  }
}
