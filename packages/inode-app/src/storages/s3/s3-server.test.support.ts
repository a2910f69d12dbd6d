import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { OddName } from '../testing/odd-names.js';

/** What all of these servers take. */
export const CREDENTIALS = { accessKeyId: 'access-for-tests', secretAccessKey: 'secret-for-tests' };

/** A program that speaks S3, and how it is started to serve a directory of its own. */
export interface ServerProgram {
  readonly name: string;
  /** Names another place of the program than PATH. */
  readonly variable: string;
  /** Names that it can't hold, and Amazon can. */
  readonly unheldNames: readonly OddName[];
  /** Below which its storages are. */
  readonly prefix: string;
  arguments(port: number, directory: string): readonly string[];
}

export const SERVER_PROGRAMS: readonly ServerProgram[] = [
  {
    name: 'versitygw',
    variable: 'VERSITYGW',
    unheldNames: [],
    prefix: '',
    arguments: (port, directory) => [
      ...['--port', `127.0.0.1:${port}`],
      ...['--access', CREDENTIALS.accessKeyId, '--secret', CREDENTIALS.secretAccessKey],
      ...['--quiet', 'posix', directory],
    ],
  },
  {
    name: 'moto_server',
    variable: 'MOTO_SERVER',
    unheldNames: ['newline'],
    prefix: 'a +%/deep/',
    arguments: (port) => ['--host', '127.0.0.1', '--port', String(port)],
  },
];

/** Where the program is on this machine. */
export function findProgram({ name, variable }: ServerProgram): string | undefined {
  const named = process.env[variable];
  const { PATH = '' } = process.env;
  const paths = PATH.split(delimiter).map((path) => join(path, name));
  return [...(named === undefined ? [] : [named]), ...paths].find(isExecutable);
}

export interface S3Server extends AsyncDisposable {
  readonly endpoint: string;
  /** Where it keeps what it is given, if it does so in files. */
  readonly directory: string;
}

export async function startServer(program: ServerProgram, file: string): Promise<S3Server> {
  const directory = await mkdtemp(join(tmpdir(), 's3-server-'));
  const port = await freePort();
  const child = spawn(file, program.arguments(port, directory), { stdio: 'ignore' });
  const endpoint = `http://127.0.0.1:${port}`;
  const stop = async () => {
    await end(child);
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await answers(endpoint, child);
  } catch (error) {
    await stop();
    throw error;
  }
  return { endpoint, directory, [Symbol.asyncDispose]: stop };
}

/** A port that was free a moment ago, and nobody listens at. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('No port');
  return address.port;
}

async function answers(endpoint: string, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('The server ended');
    try {
      await (await fetch(endpoint)).arrayBuffer();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
