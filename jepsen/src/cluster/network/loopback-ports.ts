import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { JepsenError } from '../../errors.js';

/** Below those that systems give to connections. */
const FIRST_PORT = 10_240;
const LAST_PORT = 32_000;
const LOOPBACK_NETWORKS = 250 * 250;
let networks = 0;

/**
 * The first three bytes of a range of loopback addresses, `127.a.b`. Connections of others leave from
 * 127.0.0.1, so nobody takes a port there while a member is down.
 */
export function nextLoopbackRange(): string {
  const number = (process.pid * 16 + networks++) % LOOPBACK_NETWORKS;
  return `127.${1 + Math.floor(number / 250)}.${1 + (number % 250)}`;
}

/** Ports that are free now at this address, in a row. */
export async function freePorts(host: string, count: number): Promise<readonly number[]> {
  const start = FIRST_PORT + ((process.pid * 101) % (LAST_PORT - FIRST_PORT - 1_000));
  for (let first = start; first + count <= LAST_PORT; first += count) {
    const ports = Array.from({ length: count }, (_, index) => first + index);
    const servers: Server[] = [];
    try {
      for (const port of ports) servers.push(await listen(createServer(), host, port));
      return ports;
    } catch {
      // Taken: by something that listens at all addresses.
    } finally {
      await Promise.all(servers.map(close));
    }
  }
  throw new JepsenError('CLUSTER_FAILED', `no ${count} ports in a row are free at ${host}`);
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

/** Resolves with the server once it listens. */
export async function listen(server: Server, host: string, port: number): Promise<Server> {
  server.listen({ host, port });
  await once(server, 'listening');
  return server;
}
