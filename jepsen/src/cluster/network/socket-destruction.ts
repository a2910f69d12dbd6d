import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { hostCommandProblem } from '../host-command.js';

const DESTRUCTION_MS = 2_000;

/** Whether `ss -K` ends connections here: kernels without INET_DIAG_DESTROY say nothing, and do nothing. */
export async function canDestroySockets(): Promise<boolean> {
  const server = createServer((socket) => socket.on('error', () => undefined));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  try {
    await once(socket, 'connect');
    const closed = new Promise<true>((resolve) => socket.once('close', () => resolve(true)));
    const problem = await hostCommandProblem(
      'ss',
      '-K',
      'dst',
      '127.0.0.1',
      'dport',
      '=',
      `${port}`,
    );
    if (problem !== undefined) return false;
    const timeout = new AbortController();
    const late = pause(DESTRUCTION_MS, false, { signal: timeout.signal }).catch(() => false);
    const isDestroyed = await Promise.race([closed, late]);
    timeout.abort();
    return isDestroyed;
  } finally {
    socket.destroy();
    server.close();
  }
}
