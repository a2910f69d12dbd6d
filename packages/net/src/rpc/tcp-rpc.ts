import type { Socket } from 'node:net';
import type { FramedSocket } from '../channel/framed-socket.js';
import { acceptChannel, openChannel } from '../channel/handshake.js';
import { checkLimits } from '../check-limits.js';
import { connectTcp } from '../endpoint/connect-tcp.js';
import { Listener } from '../endpoint/listener.js';
import { NetError } from '../errors.js';
import type { RpcConnection, RpcHandler, RpcNetwork, RpcServer } from './rpc.js';
import { notSent, RpcClientConnection } from './rpc-client-connection.js';
import { defaultRpcLimits, type RpcLimits } from './rpc-limits.js';
import { RPC_HELLO, rpcProtocol } from './rpc-protocol.js';
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
   * Connections of one server; further ones are told so and closed. 18,000 by default, which
   * leaves some of the 20,000 files that a process commonly may open to others.
   */
  readonly maxConnections?: number;
  /** Milliseconds to connect and be greeted. 5,000 by default. */
  readonly connectTimeoutMs?: number;
  /** Milliseconds for a new client to greet. 5,000 by default. */
  readonly greetingTimeoutMs?: number;
  readonly onEvent?: (event: RpcServerEvent) => void;
}

const defaults = {
  ...defaultRpcLimits,
  maxConnections: 18_000,
  connectTimeoutMs: 5_000,
  greetingTimeoutMs: 5_000,
  onEvent: (_event: RpcServerEvent): void => {},
};

/** Requests and answers as frames over TCP. */
export class TcpRpcNetwork implements RpcNetwork {
  readonly #options: typeof defaults;

  /** Throws OPTIONS_INVALID. */
  constructor(options: TcpRpcOptions = {}) {
    this.#options = { ...defaults, ...options };
    checkLimits(this.#options);
  }

  async listen(address: string, handler: RpcHandler): Promise<RpcServer> {
    const server = new TcpRpcServer(this.#options, handler);
    await server.open(address);
    return server;
  }

  connect(address: string, signal?: AbortSignal): Promise<RpcConnection> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const channel = openChannel(connectTcp(address), {
        protocol: rpcProtocol,
        hello: RPC_HELLO,
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
          reject(
            signal?.aborted
              ? signal.reason
              : notSent(`no server at ${address}: ${error.message}`, error),
          );
        },
      });
      const abort = () => channel.destroy();
      const release = () => signal?.removeEventListener('abort', abort);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }
}

class TcpRpcServer implements RpcServer {
  readonly #options: typeof defaults;
  readonly #handler: RpcHandler;
  readonly #channels = new Set<FramedSocket>();
  #listener: Listener | undefined;

  constructor(options: typeof defaults, handler: RpcHandler) {
    this.#options = options;
    this.#handler = handler;
  }

  async open(address: string): Promise<void> {
    this.#listener = await Listener.open(
      address,
      (socket) => this.#accept(socket),
      (error) => this.#options.onEvent({ type: 'accept-failed', error }),
    );
  }

  get address(): string {
    return this.#listener?.address ?? '';
  }

  get connections(): number {
    return this.#channels.size;
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
    const { greetingTimeoutMs, maxFrameBytes, maxConnections } = this.#options;
    const ended = (error: Error | undefined) => {
      this.#channels.delete(channel);
      if (!(error instanceof NetError)) return;
      this.#options.onEvent({ type: 'rejected', remote, reason: error.message });
    };
    const channel = acceptChannel(socket, {
      protocol: rpcProtocol,
      maxFrameBytes,
      timeoutMs: greetingTimeoutMs,
      greeted: (text, channel) => {
        if (text !== RPC_HELLO) throw new NetError('MESSAGE_INVALID', 'an unknown greeting');
        return this.#serve(channel, ended);
      },
      failed: ended,
    });
    const { remote } = channel;
    this.#channels.add(channel);
    if (this.#channels.size > maxConnections) {
      channel.refuse(`this server is at its limit of ${maxConnections} connections; try another`);
    }
  }

  #serve(channel: FramedSocket, closed: (error: Error | undefined) => void) {
    return new RpcServerConnection(channel, {
      handler: this.#handler,
      limits: this.#options,
      handlerFailed: (error, method) =>
        this.#options.onEvent({ type: 'handler-failed', method, error }),
      closed,
    }).events;
  }
}
