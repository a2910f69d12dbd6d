import { once } from 'node:events';
import { rename, rm } from 'node:fs/promises';
import { createServer } from 'node:net';

/** Puts a socket, on which nobody listens, in the place of whatever is at `path`. */
export async function putSocket(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
  // Closing it removes the name that it was given.
  const server = createServer().listen(`${path}.listening`);
  await once(server, 'listening');
  await rename(`${path}.listening`, path);
  await once(server.close(), 'close');
}
