import {
  defaultRpcLimits,
  NetError,
  type RpcConnection,
  type RpcHandler,
  type RpcLimits,
  type RpcNetwork,
  type RpcServer,
} from '@raft-ts/net';
import { RpcClientConnection, RpcServerConnection } from '@raft-ts/net/testing';
import { addressOf } from '../addresses.js';
import type { Coverage } from '../coverage.js';
import type { VirtualProcess } from '../process.js';
import type { Cutting } from './frame-stream.js';
import type { NodeId } from './link.js';
import type { VirtualNetwork } from './network.js';
import { VirtualChannel } from './virtual-channel.js';

const CONNECT_TIMEOUT_MS = 2000;

interface Listener {
  readonly node: NodeId;
  readonly process: VirtualProcess;
  readonly handler: RpcHandler;
  readonly channels: Set<VirtualChannel>;
  readonly inflight: { bytes: number };
}

export interface RpcExchangeOptions {
  readonly network: VirtualNetwork;
  readonly cutting: Cutting;
  readonly limits: Partial<RpcLimits>;
  readonly coverage: Coverage;
  /** One end has not understood the other, or a handler threw: neither may ever happen. */
  readonly onFault: (error: unknown) => void;
}

/** Servers by address, for all machines of a simulation. */
export class RpcExchange {
  readonly network: VirtualNetwork;
  readonly cutting: Cutting;
  readonly limits: RpcLimits;
  readonly coverage: Coverage;
  readonly onFault: (error: unknown) => void;
  readonly listeners = new Map<string, Listener>();

  constructor({ network, cutting, limits, coverage, onFault }: RpcExchangeOptions) {
    this.network = network;
    this.cutting = cutting;
    this.limits = { ...defaultRpcLimits, ...limits };
    this.coverage = coverage;
    this.onFault = onFault;
  }

  /** The servers of a machine are gone with its process. */
  lost(node: NodeId): void {
    for (const [address, listener] of this.listeners) {
      if (listener.node === node) this.listeners.delete(address);
    }
  }

  listener(address: string): Listener | undefined {
    const listener = this.listeners.get(address);
    return listener?.process.ended === true ? undefined : listener;
  }

  /** A channel has ended; `error` says why, unless one side closed it. */
  ended(error: Error | undefined): void {
    if (error instanceof NetError && error.code === 'MESSAGE_INVALID') this.onFault(error);
  }
}

/** What one process sees of the network of requests: the product's two ends, over virtual channels. */
export class VirtualRpcNetwork implements RpcNetwork {
  readonly #node: NodeId;
  readonly #process: VirtualProcess;
  readonly #exchange: RpcExchange;
  /** Machines that may be connected to. */
  readonly #servers: readonly NodeId[];

  constructor(
    node: NodeId,
    process: VirtualProcess,
    exchange: RpcExchange,
    servers: readonly NodeId[] = [],
  ) {
    this.#node = node;
    this.#process = process;
    this.#exchange = exchange;
    this.#servers = servers;
  }

  async listen(address: string, handler: RpcHandler): Promise<RpcServer> {
    const { listeners } = this.#exchange;
    if (this.#exchange.listener(address) !== undefined) {
      throw new NetError('ADDRESS_UNUSABLE', `${address} is in use`);
    }
    const channels = new Set<VirtualChannel>();
    const inflight = { bytes: 0 };
    const listener = { node: this.#node, process: this.#process, handler, channels, inflight };
    listeners.set(address, listener);
    const close = async () => {
      if (listeners.get(address) === listener) listeners.delete(address);
      await Promise.all([...channels].map((channel) => channel.close()));
    };
    return {
      address,
      get connections() {
        return channels.size;
      },
      close,
      [Symbol.asyncDispose]: close,
    };
  }

  async connect(address: string, signal?: AbortSignal): Promise<RpcConnection> {
    signal?.throwIfAborted();
    const server = this.#servers.find((node) => addressOf(node) === address);
    const process = server === undefined ? undefined : this.#exchange.network.process(server);
    if (server === undefined || process === undefined) throw nobodyAnswers(address);
    const [near, far] = VirtualChannel.pair(
      { node: this.#node, process: this.#process },
      { node: server, process },
      this.#exchange.network,
      this.#exchange.cutting,
      this.#exchange.coverage,
    );
    return this.#established(address, near, far, signal);
  }

  #established(
    address: string,
    near: VirtualChannel,
    far: VirtualChannel,
    signal: AbortSignal | undefined,
  ): Promise<RpcConnection> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        cancel();
        signal?.removeEventListener('abort', aborted);
        settle();
      };
      const refuse = (reason: unknown) => {
        end(() => reject(reason));
        near.destroy();
      };
      const aborted = () => refuse(signal?.reason);
      signal?.addEventListener('abort', aborted, { once: true });
      const cancel = this.#process.clock.after(CONNECT_TIMEOUT_MS, () =>
        refuse(nobodyAnswers(address)),
      );
      near.bind({
        frame: () => refuse(new Error('an answer to nothing')),
        closed: () => refuse(nobodyAnswers(address)),
      });
      near.signal(() => {
        const full = this.#refusal(address);
        if (full !== undefined) far.signal(() => refuse(full));
        else if (!this.#accept(address, far)) far.destroy();
        else far.signal(() => end(() => resolve(this.#connection(address, near))));
      });
    });
  }

  #connection(address: string, channel: VirtualChannel): RpcConnection {
    const { limits } = this.#exchange;
    const connection = new RpcClientConnection(address, channel, limits);
    channel.bind({
      ...connection.events,
      closed: (error) => {
        this.#exchange.ended(error);
        connection.events.closed(error);
      },
    });
    return connection;
  }

  /** Runs at the server: why it takes in nobody who has not come before. */
  #refusal(address: string): NetError | undefined {
    const { network, coverage } = this.#exchange;
    const listener = this.#exchange.listener(address);
    if (listener === undefined || !network.refusesConnections(listener.node)) return undefined;
    coverage.count('connection refused for want of room');
    return new NetError('RPC_OVERLOADED', `${address} has no room`);
  }

  /** Runs at the server; false when nobody listens there. */
  #accept(address: string, channel: VirtualChannel): boolean {
    const listener = this.#exchange.listener(address);
    if (listener === undefined) return false;
    const { limits, onFault } = this.#exchange;
    listener.channels.add(channel);
    const server = new RpcServerConnection(channel, {
      handler: listener.handler,
      peer: { host: 'virtual' },
      limits,
      inflight: listener.inflight,
      handlerFailed: onFault,
      closed: (error) => {
        listener.channels.delete(channel);
        this.#exchange.ended(error);
      },
    });
    channel.bind(server.events);
    return true;
  }
}

function nobodyAnswers(address: string): NetError {
  return new NetError('RPC_NOT_SENT', `nobody answers at ${address}`);
}
