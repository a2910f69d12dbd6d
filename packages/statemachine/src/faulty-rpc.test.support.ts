import type { RpcConnection, RpcHandler, RpcNetwork, RpcServer, WireValue } from '@raft-ts/net';

/** How often requests suffer what, from 0 to 1. */
export interface Faults {
  /** The connection breaks before the request is sent. */
  readonly breakBefore: number;
  /** The connection breaks once the request is sent. */
  readonly breakAfter: number;
  /** The request arrives once more, later. */
  readonly repeat: number;
}

/** Carries requests over another network, and does to them what networks do. */
export class FaultyRpcNetwork implements RpcNetwork {
  readonly #inner: RpcNetwork;
  readonly #random: () => number;
  readonly #faults: Faults;
  /** Set to end all faults. */
  healed = false;

  constructor(inner: RpcNetwork, random: () => number, faults: Faults) {
    this.#inner = inner;
    this.#random = random;
    this.#faults = faults;
  }

  listen(address: string, handler: RpcHandler): Promise<RpcServer> {
    return this.#inner.listen(address, handler);
  }

  async connect(address: string, signal?: AbortSignal): Promise<RpcConnection> {
    const connection = await this.#inner.connect(address, signal);
    const happens = (probability: number) => !this.healed && this.#random() < probability;
    const { breakBefore, breakAfter, repeat } = this.#faults;
    return {
      address,
      get open() {
        return connection.open;
      },
      request(method: number, body: WireValue, ending?: AbortSignal): Promise<WireValue> {
        if (happens(breakBefore)) void connection.close();
        const answer = connection.request(method, body, ending);
        if (happens(repeat)) {
          setTimeout(() => connection.request(method, body).catch(() => {}), 30);
        }
        // Answers come at the earliest after what is scheduled here: they are lost.
        if (happens(breakAfter)) queueMicrotask(() => void connection.close());
        return answer;
      },
      close: () => connection.close(),
      [Symbol.asyncDispose]: () => connection.close(),
    };
  }
}
