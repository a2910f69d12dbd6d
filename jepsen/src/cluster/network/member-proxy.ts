import { createServer, type Server, type Socket } from 'node:net';
import type { SocketAddress } from './connecting-process.js';
import { listen } from './loopback-ports.js';

/**
 * A port before a member's. While nobody listens at the member's it does not listen either, so that who
 * connects is refused, as there.
 */
export class MemberProxy implements AsyncDisposable {
  readonly #at: SocketAddress;
  readonly #accept: (socket: Socket) => void;
  #server: Server | undefined;
  #change: Promise<void> = Promise.resolve();

  private constructor(at: SocketAddress, accept: (socket: Socket) => void) {
    this.#at = at;
    this.#accept = accept;
  }

  static async open(at: SocketAddress, accept: (socket: Socket) => void): Promise<MemberProxy> {
    const proxy = new MemberProxy(at, accept);
    await proxy.#listen();
    return proxy;
  }

  get isOpen(): boolean {
    return this.#server !== undefined;
  }

  /** Resolves once all that was asked for before is done, too; rejects where the port is taken. */
  setOpen(isOpen: boolean): Promise<void> {
    const change = this.#change.then(async () => {
      if (isOpen === this.isOpen) return;
      if (isOpen) await this.#listen();
      else this.#refuse();
    });
    // One that failed stands in the way of none after it.
    this.#change = change.catch(() => undefined);
    return change;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.setOpen(false);
  }

  async #listen(): Promise<void> {
    const server = createServer(
      { allowHalfOpen: true, pauseOnConnect: true, noDelay: true },
      this.#accept,
    );
    await listen(server, this.#at.address, this.#at.port);
    this.#server = server;
  }

  #refuse(): void {
    this.#server?.close();
    this.#server = undefined;
  }
}
