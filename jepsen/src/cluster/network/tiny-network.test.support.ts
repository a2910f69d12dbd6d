import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { Random } from '../../random.js';
import { connectTo } from '../tiny-database.test.support.js';
import { listen } from './loopback-ports.js';
import type { LinkFault } from './network.js';
import { ProxyNetwork } from './proxies.js';

/** One member that is a server of the test's own, behind proxies. */
export class TinyNetwork implements AsyncDisposable {
  readonly network: ProxyNetwork;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  private constructor(network: ProxyNetwork) {
    this.network = network;
  }

  /** Gives each connection to `serve`. */
  static async open(serve: (socket: Socket) => void, seed = 1): Promise<TinyNetwork> {
    const members = [{ id: 1, ports: ['talk'] }];
    const random = new Random(seed);
    const network = await ProxyNetwork.open({
      members,
      random,
      processesOf: () => [],
      isRunning: () => true,
    });
    const tiny = new TinyNetwork(network);
    await tiny.serve(serve);
    return tiny;
  }

  async serve(serve: (socket: Socket) => void): Promise<void> {
    const place = this.network.addresses.get(1);
    this.#server = await listen(
      createServer({ allowHalfOpen: true }, (socket) => this.#keep(socket, serve)),
      place?.host ?? '',
      place?.ports.talk ?? 0,
    );
  }

  async stopServing(): Promise<void> {
    if (this.#server === undefined) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  connect(): Socket {
    return connectTo(this.network.addresses.get(1)?.clientAddresses.talk ?? '');
  }

  /** The same both ways. */
  async setBoth(fault: LinkFault): Promise<void> {
    await this.network.setLink('clients', 1, fault);
    await this.network.setLink(1, 'clients', fault);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.network[Symbol.asyncDispose]();
    await this.stopServing();
  }

  #keep(socket: Socket, serve: (socket: Socket) => void): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
    serve(socket);
  }
}

/** What comes from it until its end, or the code of its error. */
export function readAll(socket: Socket): Promise<Buffer | string> {
  const chunks: Buffer[] = [];
  return new Promise((resolve) => {
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('end', () => resolve(Buffer.concat(chunks)));
    socket.on('error', (error) => resolve('code' in error ? String(error.code) : String(error)));
  });
}
