import { accessSync, constants } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseAddress } from '@raft-ts/net';
import { freeAddresses } from '@raft-ts/net/testing';
import { s3Driver } from 'inode-app/storages';
import { directoryContents } from './file-storage.js';
import { ServerProcess } from './server-process.js';
import { listedContents, StorageAbsent, type TormentedStorage } from './tormented-storage.js';

const POLL_MS = 50;
const BUCKET = 'tormented';
const ACCESS_KEY = 'access-for-tests';
const SECRET_KEY = 'secret-for-tests';
/** Where the AWS SDK looks for credentials when a mount names no profile. */
const ENVIRONMENT = { AWS_ACCESS_KEY_ID: ACCESS_KEY, AWS_SECRET_ACCESS_KEY: SECRET_KEY };

interface S3Program {
  readonly name: string;
  /** Names another place of the program than PATH. */
  readonly variable: string;
  readonly arguments: (port: string, directory: string) => readonly string[];
}

const VERSITYGW: S3Program = {
  name: 'versitygw',
  variable: 'VERSITYGW',
  arguments: (port, directory) => [
    ...['--port', `127.0.0.1:${port}`, '--access', ACCESS_KEY, '--secret', SECRET_KEY],
    ...['--quiet', 'posix', directory],
  ],
};

const MOTO: S3Program = {
  name: 'moto_server',
  variable: 'MOTO_SERVER',
  arguments: (port) => ['--host', '127.0.0.1', '--port', port],
};

/** A bucket of versitygw, which keeps it in a directory: that is what it holds. */
export async function startVersitygw(): Promise<TormentedStorage> {
  const { server, endpoint, directory } = await startProgram(VERSITYGW);
  const bucket = join(directory, BUCKET);
  await mkdir(bucket);
  return {
    ...bucketAt(endpoint),
    name: VERSITYGW.name,
    troubles: [
      { name: 'server killed', begin: () => server.kill(), end: () => server.start() },
      serverHeld(server),
    ],
    contents: () => directoryContents(bucket, (path) => /^\.sgwtmp(\/|$)/.test(path)),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(directory, { recursive: true });
    },
  };
}

/** A bucket of moto, which forgets it when it ends: it is held, and never killed. */
export async function startMoto(): Promise<TormentedStorage> {
  const { server, endpoint, directory } = await startProgram(MOTO);
  const bucket = bucketAt(endpoint);
  const made = await fetch(`${endpoint}/${BUCKET}`, { method: 'PUT' });
  if (!made.ok) throw new Error(`no bucket in moto: ${await made.text()}`);
  return {
    ...bucket,
    name: MOTO.name,
    troubles: [serverHeld(server)],
    async contents() {
      await using storage = await bucket.open();
      return await listedContents(storage);
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(directory, { recursive: true });
    },
  };
}

function bucketAt(endpoint: string) {
  const uri = `s3://${BUCKET}`;
  const options = { endpoint, pathStyle: 'true' };
  const credentials = { accessKeyId: ACCESS_KEY, secretAccessKey: SECRET_KEY };
  const open = () => s3Driver.open(uri, options, credentials);
  return { driver: s3Driver, uri, options, environment: ENVIRONMENT, open };
}

function serverHeld(server: ServerProcess) {
  return {
    name: 'server held',
    begin: async () => server.hold(),
    end: async () => server.release(),
  };
}

async function startProgram(program: S3Program) {
  const file = findProgram(program);
  if (file === undefined) throw new StorageAbsent(`there is no ${program.name} here`);
  const directory = await mkdtemp(join(tmpdir(), `torment-${program.name}-`));
  const [address = ''] = await freeAddresses(1);
  const port = `${parseAddress(address).port}`;
  const endpoint = `http://127.0.0.1:${port}`;
  const server = await ServerProcess.start({
    file,
    arguments: program.arguments(port, directory),
    directory,
    serving: (_child, ended) => answers(endpoint, ended),
  });
  return { server, endpoint, directory };
}

async function answers(endpoint: string, ended: AbortSignal): Promise<void> {
  for (;;) {
    ended.throwIfAborted();
    try {
      await (await fetch(endpoint, { signal: ended })).arrayBuffer();
      return;
    } catch {
      await pause(POLL_MS);
    }
  }
}

function findProgram({ name, variable }: S3Program): string | undefined {
  const named = process.env[variable];
  const { PATH = '' } = process.env;
  const paths = PATH.split(delimiter).map((path) => join(path, name));
  return [...(named === undefined ? [] : [named]), ...paths].find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
