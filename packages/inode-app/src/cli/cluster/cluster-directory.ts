import { randomBytes } from 'node:crypto';
import {
  access,
  type FileHandle,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
} from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { displayMessage } from '../../display.js';
import { InodeAppError } from '../../errors.js';

/** The file that makes a directory a cluster's. */
const CLUSTER_FILE = 'cluster.json';
/** The file that every member's directory has from its first start on. */
const IDENTITY_FILE = 'identity';
const FORMAT_VERSION = 1;
const CLUSTER_ID_BYTES = 8;
const CLUSTER_ID = /^[\w.-]{1,64}$/;

/** The data of a cluster whose members all run on this machine. */
export interface ClusterDirectory {
  readonly path: string;
  readonly clusterId: string;
  /** Whether it was made just now. */
  readonly isNew: boolean;
  /** Whether all members have served once: from then on each of them has data. */
  readonly hasServed: boolean;
}

/** Where a member's data lies. */
export function memberDirectory(clusterDirectory: string, id: number): string {
  return join(clusterDirectory, `member-${id}`);
}

/**
 * Members whose data has gone. The others count on what they have acknowledged, so they must not
 * begin as if this were the first day.
 */
export async function lostMembers(
  { path, hasServed }: ClusterDirectory,
  ids: readonly number[],
): Promise<readonly number[]> {
  if (!hasServed) return [];
  const lost: number[] = [];
  for (const id of ids) {
    if (await isMissing(join(memberDirectory(path, id), IDENTITY_FILE))) lost.push(id);
  }
  return lost;
}

/** Notes that all members have served. */
export async function noteServed({ path, clusterId, hasServed }: ClusterDirectory): Promise<void> {
  if (!hasServed) await writeClusterFile(path, { clusterId, hasServed: true });
}

async function isMissing(path: string): Promise<boolean> {
  try {
    await access(path);
    return false;
  } catch (error) {
    return hasCode(error, 'ENOENT');
  }
}

/**
 * Opens the directory of a cluster, or makes one of a missing or empty directory, with a random
 * cluster id. Throws DATA_UNWRITABLE, or DATA_FOREIGN for one that holds something else.
 */
export async function openClusterDirectory(path: string): Promise<ClusterDirectory> {
  if (path === '')
    throw new InodeAppError('ARGUMENT_INVALID', 'the name of the directory is empty');
  try {
    await makeDirectory(resolve(path));
    const content = await readClusterFile(path);
    if (content !== undefined) {
      await checkWritable(path);
      return { path, ...content, isNew: false };
    }
    const found = (await readdir(path)).filter((name) => !name.startsWith(`${CLUSTER_FILE}.`));
    if (found.length > 0) {
      throw new InodeAppError(
        'DATA_FOREIGN',
        `${displayMessage(path)} is not empty and holds no cluster (there is no ${CLUSTER_FILE})`,
        { path },
      );
    }
    const made = { clusterId: randomBytes(CLUSTER_ID_BYTES).toString('hex'), hasServed: false };
    await writeClusterFile(path, made);
    return { path, ...made, isNew: true };
  } catch (cause) {
    if (cause instanceof InodeAppError) throw cause;
    const reason = fileReason(cause);
    throw new InodeAppError('DATA_UNWRITABLE', `${displayMessage(path)} ${reason}`, {
      cause,
      path,
    });
  }
}

/** Level by level: Node's own recursion never ends where nothing can be made, as below /proc. */
async function makeDirectory(path: string): Promise<void> {
  const above = dirname(path);
  try {
    await mkdir(path);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return;
    if (!hasCode(error, 'ENOENT') || above === path) throw error;
    await makeDirectory(above);
    await mkdir(path);
  }
}

function hasCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException).code === code;
}

type ClusterFile = Pick<ClusterDirectory, 'clusterId' | 'hasServed'>;

async function readClusterFile(path: string): Promise<ClusterFile | undefined> {
  const file = join(path, CLUSTER_FILE);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  const content = parseJson(text);
  const { formatVersion, clusterId, hasServed } = content;
  if (
    formatVersion !== FORMAT_VERSION ||
    typeof clusterId !== 'string' ||
    !CLUSTER_ID.test(clusterId)
  ) {
    throw new InodeAppError(
      'DATA_FOREIGN',
      `${displayMessage(file)} is damaged or from another version of this program`,
      { path },
    );
  }
  return { clusterId, hasServed: hasServed === true };
}

function parseJson(text: string): { readonly [name: string]: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** Makes the file durable before anything relies on what is in it. */
async function writeClusterFile(path: string, file: ClusterFile): Promise<void> {
  const temporary = join(path, `${CLUSTER_FILE}.new`);
  const content = `${JSON.stringify({ formatVersion: FORMAT_VERSION, ...file })}\n`;
  await withFile(temporary, 'w', async (handle) => {
    await handle.writeFile(content);
    await handle.sync();
  });
  await rename(temporary, join(path, CLUSTER_FILE));
  await withFile(path, 'r', (handle) => handle.sync());
}

async function checkWritable(path: string): Promise<void> {
  const probe = join(path, `${CLUSTER_FILE}.probe`);
  await withFile(probe, 'w', async () => {});
  await rm(probe, { force: true });
}

async function withFile(
  path: string,
  flags: string,
  work: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  const handle = await open(path, flags);
  try {
    await work(handle);
  } finally {
    await handle.close();
  }
}

function fileReason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return 'cannot be written: permission denied';
    case 'EROFS':
      return 'cannot be written: the file system is read-only';
    case 'ENOSPC':
      return 'cannot be written: the disk is full';
    case 'ENOTDIR':
    case 'EEXIST':
      return 'is no directory';
    case 'ENOENT':
      return 'cannot be made: nothing can be made in the directory above it';
    default:
      return `cannot be used (${code})`;
  }
}
