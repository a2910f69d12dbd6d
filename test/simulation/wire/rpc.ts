import {
  defaultRpcLimits,
  isNetError,
  NetError,
  type RpcConnection,
  type RpcHandler,
  type RpcLimits,
  type RpcNetwork,
  type RpcServer,
} from '@raft-ts/net';
import {
  Admission,
  CONNECTION_ID,
  encodeFailure,
  RpcClientConnection,
  RpcServerConnection,
} from '@raft-ts/net/testing';
import { CLIENT_CONNECTIONS } from 'inode-app/store';
import { addressOf } from '../addresses.js';
import type { Coverage } from '../coverage.js';
import type { OpenFiles } from '../member/open-files.js';
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
  readonly files: OpenFiles;
  readonly admission: Admission<Guest>;
}

/** Who has come to a server. */
interface Guest {
  refuse(error: Error): void;
  cutOff(reason: string): void;
}

/** A connection over which nothing is said, or nothing but a greeting. */
export interface Stranger {
  leave(): void;
}

/** Where clients come to a member. */
export interface VirtualRpcServer extends RpcServer {
  /** Takes the place of what it took in at most. */
  limitConnections(maxConnections: number): void;
  /** A stranger comes, and greets or not; it is in `inside` as long as it has a place. */
  knock(greets: boolean, inside: Set<Stranger>): void;
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
  readonly #files: OpenFiles | undefined;

  constructor(
    node: NodeId,
    process: VirtualProcess,
    exchange: RpcExchange,
    servers: readonly NodeId[] = [],
    files?: OpenFiles,
  ) {
    this.#node = node;
    this.#process = process;
    this.#exchange = exchange;
    this.#servers = servers;
    this.#files = files;
  }

  /** Not for clients. */
  async listen(address: string, handler: RpcHandler): Promise<VirtualRpcServer> {
    const files = this.#files;
    if (files === undefined) throw new TypeError('a process that listens needs files');
    const { listeners, coverage } = this.#exchange;
    if (this.#exchange.listener(address) !== undefined) {
      throw new NetError('ADDRESS_UNUSABLE', `${address} is in use`);
    }
    const channels = new Set<VirtualChannel>();
    const inflight = { bytes: 0 };
    const admission = new Admission<Guest>({
      maxConnections: files.maxClients,
      ...CLIENT_CONNECTIONS,
    });
    const node = this.#node;
    const process = this.#process;
    const listener = { node, process, handler, channels, inflight, files, admission };
    listeners.set(address, listener);
    const strangers = new Set<Stranger>();
    const close = async () => {
      if (listeners.get(address) === listener) listeners.delete(address);
      await Promise.all([...channels].map((channel) => channel.close()));
    };
    return {
      address,
      get connections() {
        return channels.size + strangers.size;
      },
      close,
      limitConnections: (maxConnections) => admission.limit(maxConnections),
      knock: (greets, inside) => {
        if (!files.open('a connection of a stranger')) return;
        const leave = () => {
          for (const set of [strangers, inside]) set.delete(stranger);
          admission.gone(guest);
        };
        const stranger: Stranger = { leave };
        const refuse = () => {
          coverage.count('stranger refused that did not greet');
          leave();
        };
        const cutOff = () => {
          coverage.count('connection cut off as tables need its file');
          leave();
        };
        const guest: Guest = { refuse, cutOff };
        for (const set of [strangers, inside]) set.add(stranger);
        admission.came(guest);
        if (!greets) return;
        try {
          admission.greeted(guest);
        } catch (error) {
          if (!isNetError(error, 'RPC_OVERLOADED')) throw error;
          coverage.count('stranger refused for want of room');
          leave();
        }
      },
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
        const answer = this.#accept(address, far, (error) => far.signal(() => refuse(error)));
        if (answer === 'none') far.destroy();
        if (answer === 'accepted') {
          far.signal(() => end(() => resolve(this.#connection(address, near))));
        }
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

  /** Runs at the server; `refuse` tells the other side why it is not taken in. */
  #accept(
    address: string,
    channel: VirtualChannel,
    refuse: (error: Error) => void,
  ): 'accepted' | 'refused' | 'none' {
    const { limits, onFault, coverage } = this.#exchange;
    const listener = this.#exchange.listener(address);
    if (listener === undefined || !listener.files.open('a connection')) return 'none';
    const { admission, channels } = listener;
    const guest: Guest = {
      // Those are refused that do not greet, and a client greets as soon as it has come.
      refuse: (error) => onFault(new Error(`a client is refused: ${error.message}`)),
      cutOff: (message) => {
        coverage.count('connection cut off as tables need its file');
        channel.send(encodeFailure(CONNECTION_ID, { code: 'CONNECTION_CLOSED', message }));
        void channel.close();
      },
    };
    admission.came(guest);
    try {
      admission.greeted(guest);
    } catch (error) {
      if (!isNetError(error, 'RPC_OVERLOADED')) throw error;
      coverage.count('connection refused for want of room');
      admission.gone(guest);
      refuse(new NetError('RPC_OVERLOADED', `${address}: ${error.message}`));
      return 'refused';
    }
    channels.add(channel);
    const server = new RpcServerConnection(channel, {
      handler: listener.handler,
      peer: { host: 'virtual' },
      limits,
      inflight: listener.inflight,
      handlerFailed: onFault,
      closed: (error) => {
        admission.gone(guest);
        channels.delete(channel);
        this.#exchange.ended(error);
      },
    });
    channel.bind(server.events);
    return 'accepted';
  }
}

function nobodyAnswers(address: string): NetError {
  return new NetError('RPC_NOT_SENT', `nobody answers at ${address}`);
}
