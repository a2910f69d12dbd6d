import { setMaxListeners } from 'node:events';
import { abortable, type RpcConnection, type RpcNetwork } from '@raft-ts/net';

/** A share in a connection; the last one released closes it. */
export interface ConnectionLease {
  readonly connection: RpcConnection;
  /** Once; again it does nothing. */
  release(): void;
}

interface Shared {
  readonly connecting: Promise<RpcConnection>;
  /** Once it stands. */
  connection: RpcConnection | undefined;
  /** Those who use it or wait for it. */
  leases: number;
}

/** At most one connection to each member, shared by all who need it. */
export class SharedConnections {
  readonly #network: Pick<RpcNetwork, 'connect'>;
  readonly #shared = new Map<string, Shared>();
  readonly #closing = new AbortController();

  constructor(network: Pick<RpcNetwork, 'connect'>) {
    this.#network = network;
    // Each connection that is being made listens.
    setMaxListeners(0, this.#closing.signal);
  }

  /**
   * Connects unless that is done already; rejects as `RpcNetwork.connect` does, or with the
   * signal's reason. Others may wait for the same connection: an abort leaves it to them.
   */
  async acquire(address: string, signal?: AbortSignal): Promise<ConnectionLease> {
    signal?.throwIfAborted();
    const known = this.#shared.get(address);
    const usable = known?.connection === undefined || known.connection.open;
    const shared = known !== undefined && usable ? known : this.#connect(address);
    // From here on, so that whoever gives up meanwhile does not close it.
    shared.leases++;
    try {
      const connection = await abortable(shared.connecting, signal);
      let released = false;
      const release = () => {
        if (!released) this.#release(address, shared);
        released = true;
      };
      return { connection, release };
    } catch (error) {
      this.#release(address, shared);
      throw error;
    }
  }

  /** Closes all, whoever uses them. */
  async close(): Promise<void> {
    this.#closing.abort();
    const closed = [...this.#shared.values()].map((shared) => shared.connection?.close());
    this.#shared.clear();
    await Promise.allSettled(closed);
  }

  #connect(address: string): Shared {
    const connecting = this.#network.connect(address, this.#closing.signal);
    const shared: Shared = { connecting, connection: undefined, leases: 0 };
    this.#shared.set(address, shared);
    connecting.then(
      (connection) => {
        shared.connection = connection;
        if (shared.leases === 0 || this.#closing.signal.aborted) this.#forget(address, shared);
      },
      () => this.#forget(address, shared),
    );
    return shared;
  }

  /** One that does not stand yet is closed when it does, unless somebody wants it by then. */
  #release(address: string, shared: Shared): void {
    shared.leases--;
    if (shared.leases === 0 && shared.connection !== undefined) this.#forget(address, shared);
  }

  #forget(address: string, shared: Shared): void {
    if (this.#shared.get(address) === shared) this.#shared.delete(address);
    void shared.connection?.close();
  }
}
