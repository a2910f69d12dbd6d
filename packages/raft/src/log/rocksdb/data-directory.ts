import { mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { RaftError } from '../../errors.js';
import { hasCode } from '../../rocksdb/caught-error.js';
import type { RocksDatabase } from '../../rocksdb/database.js';
import { EMPTY_MARK, marksEqual } from '../durable/mark.js';
import { newMarkFile } from '../durable/mark-file.js';
import { syncDirectory, writeDurably } from './durable-file.js';
import { type Identity, identityLost, writeIdentity } from './identity.js';
import { readMark } from './open-mark-file.js';

/*
 * A data directory: `identity` says whose it is, `mark` what was acknowledged, `log` is the
 * RocksDB database, `outline` tells what most of it holds; `log.damaged-N` are earlier ones, see replace-damaged-log.ts. `identity` is written last:
 * from then on the mark must be there.
 */

export const LOG_NAME = 'log';
export const MARK_FILE_NAME = 'mark';
const OUTLINE_FILE_NAME = 'outline';
/** Where `foundFromSnapshot` makes a member, within its directory, until all of it is there. */
export const RESTORING_NAME = '.restoring';

export function logPath(directory: string): string {
  return join(directory, LOG_NAME);
}

export function markPath(directory: string): string {
  return join(directory, MARK_FILE_NAME);
}

export function outlinePath(directory: string): string {
  return join(directory, OUTLINE_FILE_NAME);
}

/**
 * Makes `directory` and what is missing above it, durably. Level by level, because Node's own
 * recursion never ends where nothing can be made, as below /proc.
 */
export async function makeDirectory(directory: string): Promise<void> {
  const path = resolve(directory);
  const above = dirname(path);
  try {
    if (!(await makeLevel(path))) return;
  } catch (error) {
    if (!hasCode(error, 'ENOENT') || above === path) throw error;
    await makeDirectory(above);
    if (!(await makeLevel(path))) return;
  }
  await syncDirectory(above);
}

/** False when the directory is there already. */
async function makeLevel(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    if (!hasCode(error, 'EEXIST') || !(await stat(path)).isDirectory()) throw error;
    return false;
  }
}

/** What is half made from a snapshot is no member's, and nobody begins anew in its place: LOG_FOREIGN. */
export async function refuseRestoring(directory: string): Promise<void> {
  if ((await readdir(directory)).includes(RESTORING_NAME)) {
    throw new RaftError('LOG_FOREIGN', beingRestored(directory), { details: {} });
  }
}

/** Why a directory can't be used that has RESTORING_NAME, and no identity. */
export function beingRestored(directory: string): string {
  return `${directory} is being restored, or that was interrupted: if it was, empty it and restore again`;
}

/**
 * Makes a directory without identity into `identity`'s. LOG_CORRUPT when it holds a log already: then
 * its identity was lost, not never written.
 */
export async function initializeDirectory(
  directory: string,
  database: RocksDatabase,
  identity: Identity,
): Promise<void> {
  using range = database.range({ pageRows: 1 });
  const rows = await range.nextPage();
  if (rows.length > 0 || (await hasMark(directory))) {
    throw identityLost(directory, 'is missing beside a log');
  }
  await writeDurably(directory, MARK_FILE_NAME, newMarkFile());
  await writeIdentity(directory, identity);
}

/** Whether anything was ever acknowledged according to a mark file. */
async function hasMark(directory: string): Promise<boolean> {
  const mark = await readMark(markPath(directory));
  if (typeof mark === 'string') return mark === 'damaged';
  return !marksEqual(mark, EMPTY_MARK);
}
