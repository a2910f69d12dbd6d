import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach } from 'vitest';
import { greetingLine } from '../channel/greeting-line.js';
import type { RpcHandler } from './rpc.js';
import { RPC_HELLO, rpcProtocol } from './rpc-protocol.js';

/** Closed after each test. */
export const open: AsyncDisposable[] = [];
export const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const resource of open.splice(0)) await resource[Symbol.asyncDispose]();
});

export const echo: RpcHandler = (_method, body, responder) => responder.done(body);

export const hello: Buffer = Buffer.from(greetingLine(rpcProtocol, RPC_HELLO));

/** A connection that speaks no protocol by itself; errors of the socket are its end. */
export async function stranger(address: string): Promise<Socket> {
  const socket = connect(Number(address.split(':')[1]), '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}
