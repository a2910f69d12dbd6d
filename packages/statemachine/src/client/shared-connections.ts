import type { RpcConnection, RpcNetwork } from 'raft-ts';

/** A share in a connection; the last one released closes it. */
export interface ConnectionLease {
  readonly connection: RpcConnection;
  release(): void;
}

interface Shared {
  readonly connection: RpcConnection;
  leases: number;
}

/** At most one connection to each member, shared by all who need it. */
export class SharedConnections {
  readonly #network: RpcNetwork;
  readonly #open = new Map<string, Shared>();
  readonly #connecting = new Map<string, Promise<Shared>>();
  readonly #closing = new AbortController();

  constructor(network: RpcNetwork) {
    this.#network = network;
  }

  /**
   * Connects unless that is done already; rejects as `RpcNetwork.connect` does, or with the
   * signal's reason. Others may wait for the same connection: an abort leaves it to them.
   */
  async acquire(address: string, signal?: AbortSignal): Promise<ConnectionLease> {
    signal?.throwIfAborted();
    const open = this.#open.get(address);
    if (open?.connection.open === true) return this.#lease(address, open);
    const connecting = this.#connecting.get(address) ?? this.#connect(address);
    try {
      return this.#lease(address, await untilAborted(connecting, signal));
    } catch (error) {
      // Nobody may be left who would close it.
      connecting.then(
        (shared) => this.#lease(address, shared).release(),
        () => {},
      );
      throw error;
    }
  }

  /** Closes all, whoever uses them. */
  async close(): Promise<void> {
    this.#closing.abort();
    const connections = [...this.#open.values()].map((shared) => shared.connection);
    this.#open.clear();
    await Promise.allSettled(connections.map((connection) => connection.close()));
  }

  #connect(address: string): Promise<Shared> {
    const connecting = this.#network
      .connect(address, this.#closing.signal)
      .then((connection) => {
        if (this.#closing.signal.aborted) void connection.close();
        const shared = { connection, leases: 0 };
        this.#open.set(address, shared);
        return shared;
      })
      .finally(() => this.#connecting.delete(address));
    this.#connecting.set(address, connecting);
    return connecting;
  }

  #lease(address: string, shared: Shared): ConnectionLease {
    shared.leases++;
    let released = false;
    return {
      connection: shared.connection,
      release: () => {
        if (released) return;
        released = true;
        if (--shared.leases > 0) return;
        if (this.#open.get(address) === shared) this.#open.delete(address);
        void shared.connection.close();
      },
    };
  }
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
