import { connect, type Socket } from 'node:net';
import { parseAddress } from '@raft-ts/net';

/** How a client greets. */
export const CLIENT_GREETING = 'raft-ts-rpc/2 hello\n';

/** One of a crowd. */
export interface Knock {
  readonly socket: Socket;
  /** What it was told so far. */
  readonly heard: () => string;
}

/** Sockets that knock at members' doors, and go together. */
export class Crowd implements Disposable {
  readonly #sockets: Socket[] = [];

  /** A socket that says `greeting`; errors of the socket are its end. */
  knock(address: string, greeting: string): Knock {
    const socket = connect(parseAddress(address));
    let heard = '';
    this.#sockets.push(socket);
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
    });
    socket.write(greeting);
    return { socket, heard: () => heard };
  }

  /** All go. */
  [Symbol.dispose](): void {
    for (const socket of this.#sockets.splice(0)) socket.destroy();
  }
}
