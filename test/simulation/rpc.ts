import {
  NetError,
  type RpcConnection,
  type RpcFailure,
  type RpcHandler,
  type RpcNetwork,
  type RpcResponder,
  type RpcServer,
  type WireValue,
} from '@raft-ts/net';
import { addressOf } from './addresses.js';
import type { NodeId, Stream } from './link.js';
import type { VirtualNetwork } from './network.js';
import type { VirtualProcess } from './process.js';

const CONNECT_TIMEOUT_MS = 2000;

interface Listener {
  readonly node: NodeId;
  readonly process: VirtualProcess;
  readonly handler: RpcHandler;
  readonly connections: Set<VirtualConnection>;
}

/** Servers by address, for all machines of a simulation. */
export class RpcExchange {
  readonly network: VirtualNetwork;
  readonly listeners = new Map<string, Listener>();

  constructor(network: VirtualNetwork) {
    this.network = network;
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
}

/** What one process sees of the network of requests. Values are handed over, not copied. */
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
    const connections = new Set<VirtualConnection>();
    const listener = { node: this.#node, process: this.#process, handler, connections };
    listeners.set(address, listener);
    const close = async () => {
      if (listeners.get(address) === listener) listeners.delete(address);
      for (const connection of connections) connection.break();
    };
    return {
      address,
      get connections() {
        return connections.size;
      },
      close,
      [Symbol.asyncDispose]: close,
    };
  }

  async connect(address: string, signal?: AbortSignal): Promise<RpcConnection> {
    signal?.throwIfAborted();
    const to = this.#servers.find((node) => addressOf(node) === address);
    if (to === undefined) throw notSent(`${address} is no address of this network`);
    const connection = new VirtualConnection(
      this.#node,
      to,
      address,
      this.#process,
      this.#exchange,
    );
    await connection.established(signal);
    return connection;
  }
}

interface PendingRequest {
  readonly resolve: (result: WireValue) => void;
  readonly reject: (error: unknown) => void;
}

/** A connection: a stream each way. When one breaks, both are gone. */
class VirtualConnection implements RpcConnection {
  readonly address: string;
  readonly #network: VirtualNetwork;
  readonly #exchange: RpcExchange;
  readonly #process: VirtualProcess;
  readonly #up: Stream;
  readonly #down: Stream;
  readonly #pending = new Map<number, PendingRequest>();
  #lastRequest = 0;
  #listener: Listener | undefined;
  #state: 'connecting' | 'open' | 'broken' = 'connecting';
  #onBroken: () => void = () => {};

  constructor(
    from: NodeId,
    to: NodeId,
    address: string,
    process: VirtualProcess,
    exchange: RpcExchange,
  ) {
    this.address = address;
    this.#process = process;
    this.#exchange = exchange;
    this.#network = exchange.network;
    this.#up = this.#network.open(from, to, () => this.break());
    this.#down = this.#network.open(to, from, () => this.break());
  }

  get open(): boolean {
    return this.#state === 'open';
  }

  established(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const refuse = (reason: unknown) => {
        cancel();
        signal?.removeEventListener('abort', aborted);
        this.#onBroken = () => {};
        this.break();
        reject(reason);
      };
      const aborted = () => refuse(signal?.reason);
      signal?.addEventListener('abort', aborted, { once: true });
      const cancel = this.#process.clock.after(CONNECT_TIMEOUT_MS, () =>
        refuse(notSent(`nobody answers at ${this.address}`)),
      );
      this.#onBroken = () => refuse(notSent(`nobody answers at ${this.address}`));
      this.#network.send(this.#up, () => {
        this.#listener = this.#exchange.listener(this.address);
        if (this.#listener === undefined) {
          this.break();
          return;
        }
        this.#listener.connections.add(this);
        this.#network.send(this.#down, () => {
          if (this.#state !== 'connecting') return;
          cancel();
          signal?.removeEventListener('abort', aborted);
          this.#state = 'open';
          this.#onBroken = () => {};
          resolve();
        });
      });
    });
  }

  request(method: number, body: WireValue, signal?: AbortSignal): Promise<WireValue> {
    if (!this.open) return Promise.reject(notSent(`the connection to ${this.address} is closed`));
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const id = ++this.#lastRequest;
      const aborted = () => {
        this.#pending.delete(id);
        reject(signal?.reason);
      };
      const settled = () => signal?.removeEventListener('abort', aborted);
      signal?.addEventListener('abort', aborted, { once: true });
      this.#pending.set(id, {
        resolve: (result) => {
          settled();
          resolve(result);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      });
      this.#network.send(this.#up, () => this.#serve(id, method, body));
    });
  }

  #serve(id: number, method: number, body: WireValue): void {
    const answer = (settle: (request: PendingRequest) => void) => {
      this.#network.send(this.#down, () => {
        const request = this.#pending.get(id);
        this.#pending.delete(id);
        if (request !== undefined) settle(request);
      });
    };
    const responder: RpcResponder = {
      done: (result) => answer(({ resolve }) => resolve(result)),
      failed: (failure) => answer(({ reject }) => reject(failed(failure))),
    };
    this.#listener?.handler(method, body, responder);
  }

  /** Breaks both ways; what waits for an answer learns that none will come. */
  break(): void {
    if (this.#state === 'broken') return;
    this.#state = 'broken';
    this.#listener?.connections.delete(this);
    this.#network.break(this.#up);
    this.#network.break(this.#down);
    this.#process.deliver(() => {
      this.#onBroken();
      const pending = [...this.#pending.values()];
      this.#pending.clear();
      for (const { reject } of pending) {
        reject(new NetError('RPC_DISCONNECTED', `the connection to ${this.address} broke`));
      }
    });
  }

  async close(): Promise<void> {
    this.break();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function notSent(message: string): NetError {
  return new NetError('RPC_NOT_SENT', message);
}

function failed(failure: RpcFailure): NetError {
  return new NetError('RPC_FAILED', failure.message, { details: failure });
}
