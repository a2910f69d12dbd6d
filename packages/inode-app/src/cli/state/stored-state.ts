import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { STORE_NAME } from '../../master/store-name.js';
import { STATE_KEY } from '../../store/row-keys.js';
import { RowReader } from '../../store/row-reader.js';
import { readTreeState } from '../../store/state-row.js';
import { openUnchangedTree } from './tree-rows.js';

/** What a member's tree says of itself. */
export interface StoredState {
  readonly appliedIndex: number;
  readonly directories: number;
  readonly files: number;
  readonly symbolicLinks: number;
  /** What the store takes on the disk, with what it needs for itself. */
  readonly storeBytes: number;
}

/** Undefined where a member has no tree yet. */
export async function readStoredState(
  directory: string,
  scratch: string,
): Promise<StoredState | undefined> {
  if (!(await readdir(directory)).includes(STORE_NAME)) return undefined;
  await using tree = await openUnchangedTree(directory, scratch);
  const [value] = tree.database.getManySync([STATE_KEY]);
  if (value === undefined) return undefined;
  const { appliedIndex, counts } = readTreeState(new RowReader(), value);
  const [directories, files, symbolicLinks] = counts;
  const storeBytes = await filesBytes(join(directory, STORE_NAME));
  return { appliedIndex, directories, files, symbolicLinks, storeBytes };
}

/** Of the files in a directory. */
async function filesBytes(directory: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(directory)) bytes += (await stat(join(directory, name))).size;
  return bytes;
}
