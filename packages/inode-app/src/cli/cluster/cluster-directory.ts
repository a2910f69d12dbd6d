import { randomBytes } from 'node:crypto';
import { access, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FileDamaged, makeDirectory, readRecord, writeRecord } from 'raft-ts/rocksdb';
import { displayMessage } from '../../display-names.js';
import { argumentInvalid, InodeAppError } from '../../errors.js';

/** The file that makes a directory a cluster's. */
const CLUSTER_FILE = 'cluster';
/** Its name in format 1. */
const FORMAT_1_FILE = 'cluster.json';
/** The file that every member's directory has from its first start on. */
const IDENTITY_FILE = 'identity';
const CLUSTER_FILE_FORMAT = 2;
const CLUSTER_ID_BYTES = 8;
const CLUSTER_ID = /^[\w.-]{1,64}$/;

/** The data of a cluster whose members all run on this machine. */
export interface ClusterDirectory {
  readonly path: string;
  readonly clusterId: string;
  /** Whether all members have served once: from then on each of them has data. */
  readonly hasServed: boolean;
  /** How many members it was founded with, or has come to have. */
  readonly members: number;
}

/** Members of a cluster for which nobody asked for another number: one may fail. */
export const DEFAULT_MEMBERS = 3;
/** On one machine. */
export const MAX_LOCAL_MEMBERS = 7;

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
  const files = ids.map((id) => join(memberDirectory(path, id), IDENTITY_FILE));
  const missing = await Promise.all(files.map(isMissing));
  return ids.filter((_, at) => missing[at]);
}

/** Notes that all members have served, and how many take part. */
export async function noteServed(directory: ClusterDirectory, members: number): Promise<void> {
  const { path, clusterId, hasServed } = directory;
  if (hasServed && members === directory.members) return;
  await writeClusterFile(path, { clusterId, hasServed: true, members });
}

function isMissing(path: string): Promise<boolean> {
  return access(path).then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
  );
}

/**
 * Opens the directory of a cluster, or makes one of a missing or empty directory, with a random
 * cluster id, for so many founders. Throws DATA_UNWRITABLE, DATA_CORRUPT when the file that has the cluster id is damaged,
 * or DATA_FOREIGN for one that holds something else.
 */
export async function openClusterDirectory(
  path: string,
  founders: number = DEFAULT_MEMBERS,
): Promise<ClusterDirectory> {
  if (path === '') throw argumentInvalid('the name of the directory is empty');
  try {
    await makeDirectory(path);
    const content = await readClusterFile(path);
    if (content !== undefined) {
      await checkWritable(path);
      return { path, ...content };
    }
    const names = await readdir(path);
    if (names.includes(FORMAT_1_FILE)) throw fromAnotherVersion(join(path, FORMAT_1_FILE), path);
    if (names.some((name) => !name.startsWith(`${CLUSTER_FILE}.`))) {
      throw new InodeAppError(
        'DATA_FOREIGN',
        `${displayMessage(path)} is not empty and holds no cluster: it has no file "${CLUSTER_FILE}"`,
        { path },
      );
    }
    const clusterId = randomBytes(CLUSTER_ID_BYTES).toString('hex');
    const made = { clusterId, hasServed: false, members: founders };
    await writeClusterFile(path, made);
    return { path, ...made };
  } catch (cause) {
    if (cause instanceof InodeAppError) throw cause;
    const reason = fileReason(cause);
    throw new InodeAppError('DATA_UNWRITABLE', `${displayMessage(path)} ${reason}`, {
      cause,
      path,
    });
  }
}

type ClusterFile = Pick<ClusterDirectory, 'clusterId' | 'hasServed' | 'members'>;

async function readClusterFile(path: string): Promise<ClusterFile | undefined> {
  const file = join(path, CLUSTER_FILE);
  const record = await readRecord(file).catch((error: unknown) => {
    throw error instanceof FileDamaged ? damaged(file, path) : error;
  });
  if (record === undefined) return undefined;
  const { format, clusterId, hasServed, members = DEFAULT_MEMBERS } = record;
  if (format !== CLUSTER_FILE_FORMAT) throw fromAnotherVersion(file, path);
  if (typeof clusterId !== 'string' || !CLUSTER_ID.test(clusterId)) throw damaged(file, path);
  if (typeof members !== 'number' || !Number.isInteger(members) || members < 1) {
    throw damaged(file, path);
  }
  return { clusterId, hasServed: hasServed === true, members };
}

function fromAnotherVersion(file: string, path: string): InodeAppError {
  const text = `${displayMessage(file)} is from another version of this program: start that one`;
  return new InodeAppError('DATA_FOREIGN', text, { path });
}

function damaged(file: string, path: string): InodeAppError {
  return new InodeAppError(
    'DATA_CORRUPT',
    `${displayMessage(file)} is damaged. Put it back as it was, or start the members one by one ` +
      `with "inode-app master": the file ${IDENTITY_FILE} in the directory of each has the cluster's id`,
    { path },
  );
}

async function writeClusterFile(path: string, file: ClusterFile): Promise<void> {
  await writeRecord(path, CLUSTER_FILE, { format: CLUSTER_FILE_FORMAT, ...file });
}

async function checkWritable(path: string): Promise<void> {
  const probe = join(path, `${CLUSTER_FILE}.probe`);
  await writeFile(probe, '');
  await rm(probe, { force: true });
}

const FILE_REASONS: Readonly<Record<string, string>> = {
  EACCES: 'cannot be written: permission denied',
  EPERM: 'cannot be written: permission denied',
  EROFS: 'cannot be written: the file system is read-only',
  ENOSPC: 'cannot be written: the disk is full',
  ENOTDIR: 'is no directory',
  EEXIST: 'is no directory',
  ENOENT: 'cannot be made: nothing can be made in the directory above it',
};

function fileReason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  return FILE_REASONS[code] ?? `cannot be used (${code})`;
}
