import { MemoryChannel } from '../channel/memory-channel.js';
import { formatAddress, parseAddress } from '../endpoint/address.js';
import { NetError, optionsInvalid } from '../errors.js';
import { completeOptions } from '../options/index.js';
import type { RpcConnection, RpcHandler, RpcNetwork, RpcServer } from './rpc.js';
import { notSent, RpcClientConnection } from './rpc-client-connection.js';
import { type RpcLimits, rpcLimitsForm } from './rpc-limits.js';
import { RpcServerConnection, type RpcServerConnectionOptions } from './rpc-server-connection.js';

/** Port numbers given for port 0 start here. */
const FIRST_PORT = 49_152;

/**
 * Servers and connections within one process, for tests. Values are encoded and
 * decoded as over TCP, so that what works here works there.
 */
export class MemoryRpcNetwork implements RpcNetwork {
  readonly #servers = new Map<string, MemoryRpcServer>();
  readonly #limits: RpcLimits;
  #nextPort = FIRST_PORT;

  /** Throws OPTIONS_INVALID. */
  constructor(limits: Partial<RpcLimits> = {}) {
    this.#limits = completeOptions(rpcLimitsForm, limits, optionsInvalid);
  }

  async listen(address: string, handler: RpcHandler): Promise<RpcServer> {
    const { host, port } = parseAddress(address);
    const bound = formatAddress(host, port === 0 ? this.#nextPort++ : port);
    if (this.#servers.has(bound)) {
      throw new NetError('ADDRESS_UNUSABLE', `can't listen on ${bound}: another server uses it`);
    }
    const inflight = { bytes: 0 };
    const options = { handler, limits: this.#limits, inflight, handlerFailed: () => {} };
    const server = new MemoryRpcServer(bound, options, () => this.#servers.delete(bound));
    this.#servers.set(bound, server);
    return server;
  }

  connect(address: string, signal?: AbortSignal): Promise<RpcConnection> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      parseAddress(address);
      queueMicrotask(() => {
        const server = this.#servers.get(address);
        if (signal?.aborted) reject(signal.reason);
        else if (server === undefined) reject(notSent(`no server at ${address}`));
        else resolve(this.#connectTo(server));
      });
    });
  }

  #connectTo(server: MemoryRpcServer): RpcConnection {
    const [near, far] = MemoryChannel.pair(this.#limits.maxFrameBytes);
    const connection = new RpcClientConnection(server.address, near, this.#limits);
    near.bind(connection.events);
    server.accept(far);
    return connection;
  }
}

class MemoryRpcServer implements RpcServer {
  readonly address: string;
  readonly #options: Omit<RpcServerConnectionOptions, 'closed' | 'peer'>;
  readonly #closed: () => void;
  readonly #channels = new Set<MemoryChannel>();

  constructor(
    address: string,
    options: Omit<RpcServerConnectionOptions, 'closed' | 'peer'>,
    closed: () => void,
  ) {
    this.address = address;
    this.#options = options;
    this.#closed = closed;
  }

  get connections(): number {
    return this.#channels.size;
  }

  accept(channel: MemoryChannel): void {
    this.#channels.add(channel);
    const closed = () => this.#channels.delete(channel);
    channel.bind(
      new RpcServerConnection(channel, { ...this.#options, peer: { host: 'memory' }, closed })
        .events,
    );
  }

  async close(): Promise<void> {
    this.#closed();
    await Promise.all([...this.#channels].map((channel) => channel.close()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
