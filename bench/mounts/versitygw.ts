import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const NAME = 'versitygw';
const POLL_MS = 50;

/** Where the program is: as VERSITYGW says, or in PATH. */
export function findVersitygw(): string | undefined {
  const { PATH = '', VERSITYGW: named } = process.env;
  const paths = PATH.split(delimiter).map((path) => join(path, NAME));
  return [...(named === undefined ? [] : [named]), ...paths].find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** A server of S3 over a directory, with one bucket. */
export async function startVersitygw(
  program: string,
  directory: string,
  {
    accessKeyId,
    secretAccessKey,
  }: { readonly accessKeyId: string; readonly secretAccessKey: string },
) {
  const bucket = 'bench';
  const root = join(directory, NAME);
  mkdirSync(join(root, bucket), { recursive: true });
  const port = await freePort();
  const keys = ['--access', accessKeyId, '--secret', secretAccessKey];
  const child = spawn(program, ['--port', `127.0.0.1:${port}`, ...keys, '--quiet', 'posix', root], {
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  const endpoint = `http://127.0.0.1:${port}`;
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  while (!(await answers(endpoint))) {
    if (child.exitCode !== null) throw new Error(`${program} has ended`);
    await sleep(POLL_MS);
  }
  return { endpoint, bucket, [Symbol.asyncDispose]: stop };
}

async function answers(endpoint: string): Promise<boolean> {
  try {
    await (await fetch(endpoint)).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
