import { createServer, type Server, type Socket } from 'node:net';
import { NetError } from '../errors.js';
import { formatAddress, parseAddress } from './address.js';
import { socketOptions } from './connect-tcp.js';

/** Connections that the kernel holds until they are accepted. */
const BACKLOG = 1_024;

/** Accepts TCP connections on one address until it is closed. */
export class Listener {
  readonly address: string;
  readonly #server: Server;
  #closing: Promise<void> | undefined;

  private constructor(server: Server, address: string) {
    this.#server = server;
    this.address = address;
  }

  /**
   * Rejects with ADDRESS_UNUSABLE. A connection that can't be accepted, for want of file
   * descriptors for instance, is reported to `failed`, and the next ones are accepted.
   */
  static async open(
    address: string,
    accepted: (socket: Socket) => void,
    failed: (error: Error) => void,
  ): Promise<Listener> {
    const { host, port } = parseAddress(address);
    const server = createServer(socketOptions);
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => reject(bindError(address, error)));
      server.listen({ host, port, backlog: BACKLOG }, resolve);
    });
    server.removeAllListeners('error');
    const bound = server.address();
    const boundPort = typeof bound === 'object' && bound !== null ? bound.port : port;
    const listener = new Listener(server, formatAddress(host, boundPort));
    server.on('error', failed);
    server.on('connection', accepted);
    return listener;
  }

  /** Stops listening and resolves when the last connection has closed; closes none itself. */
  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => this.#server.close(() => resolve()));
    return this.#closing;
  }
}

/** Why nothing can listen on `address`. */
export function bindError(address: string, cause: NodeJS.ErrnoException): NetError {
  const why: Readonly<Record<string, string>> = {
    EADDRINUSE: 'another process uses it',
    EACCES: 'this user may not use the port; take one above 1023',
    EADDRNOTAVAIL: 'this machine has no such address',
    ENOTFOUND: 'the host name is unknown',
  };
  return new NetError(
    'ADDRESS_UNUSABLE',
    `can't listen on ${address}: ${why[cause.code ?? ''] ?? cause.message}`,
    { cause },
  );
}
