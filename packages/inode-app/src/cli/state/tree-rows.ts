import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readBlocks, readManifest, type SnapshotManifest, takeRows } from 'raft-ts';
import { UnchangedDatabase } from 'raft-ts/rocksdb';
import { argumentInvalid, InodeAppError } from '../../errors.js';
import { STORE_NAME } from '../../master/store-name.js';
import { checkTreeSnapshot } from '../../store/tree-application.js';

/** What every member's directory has. */
const IDENTITY = 'identity';

/** Takes a row; neither key nor value stay what they are. */
export type TakeRow = (key: Buffer, value: Buffer) => void;

/** Whether `path` is a file (a backup, then) or a member's directory. Throws ARGUMENT_INVALID for anything else. */
export async function isFilePath(path: string): Promise<boolean> {
  const found = await stat(path);
  if (found.isFile()) return true;
  if (found.isDirectory()) {
    if ((await readdir(path)).includes(IDENTITY)) return false;
    throw argumentInvalid(`${path} is no member's data directory: it has no file "${IDENTITY}"`);
  }
  throw argumentInvalid(`${path} is neither a backup nor a directory`);
}

/** What a backup says of itself, and that it is a tree. */
export async function readTreeManifest(path: string): Promise<SnapshotManifest> {
  await using handle = await open(path, 'r');
  const manifest = await readManifest(handle);
  checkTreeSnapshot(manifest.header, path);
  return manifest;
}

/** All rows of a backup, each block of which is checked. */
export async function readFileRows(
  path: string,
  take: TakeRow,
  signal: AbortSignal,
): Promise<void> {
  await using handle = await open(path, 'r');
  for await (const { payload, rows, number } of readBlocks(handle, signal)) {
    if (takeRows(payload, rows, take)) continue;
    throw new InodeAppError(
      'SNAPSHOT_DAMAGED',
      `${path} is damaged: block ${number} holds no rows`,
    );
  }
}

/** All rows of the tree in a stopped member's directory, which stays as it is. */
export async function readDirectoryRows(
  directory: string,
  scratch: string,
  take: TakeRow,
  signal: AbortSignal,
): Promise<void> {
  await using tree = await openUnchangedTree(directory, scratch);
  using range = tree.database.range();
  while (!range.finished) {
    signal.throwIfAborted();
    for (const { key, value } of await range.nextPage()) take(key, value);
  }
}

/** The tree of a stopped member, to be read. */
export function openUnchangedTree(directory: string, scratch: string): Promise<UnchangedDatabase> {
  return UnchangedDatabase.open(join(directory, STORE_NAME), scratch);
}
