import { rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDirectory } from '../log/rocksdb/durable-file.js';
import { hasCode } from '../rocksdb/caught-error.js';

/*
 * A directory of files can't take another one's place at once. So the one that comes is renamed to a name
 * that means: from here on it is the state. Whatever of the rest was not done is done before anybody
 * opens the state again.
 */

/** Where what is being received lies, beside `directory`. */
export function receivedPath(directory: string): string {
  return `${directory}.received`;
}

/** Where what was received lies once it is the state. */
function nextPath(directory: string): string {
  return `${directory}.next`;
}

/** The steps, in order; each is durable before the next begins. */
export interface ReplacingSteps {
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  sync(directory: string): Promise<void>;
  exists(path: string): Promise<boolean>;
}

const onDisk: ReplacingSteps = {
  rename,
  remove: (path) => rm(path, { recursive: true, force: true }),
  sync: syncDirectory,
  exists: isDirectory,
};

/**
 * What was received, and is on the disk, takes the place of `directory`, which nobody has open. Killed
 * anywhere in between, `finishReplacing` gives the former state as a whole, or this one.
 */
export async function replaceDirectory(
  directory: string,
  steps: ReplacingSteps = onDisk,
): Promise<void> {
  await steps.rename(receivedPath(directory), nextPath(directory));
  await steps.sync(dirname(directory));
  await moveNext(directory, steps);
}

/**
 * To be called before the database in `directory` is opened: finishes what a process that was killed
 * while it replaced the state had begun. Rejects with what the file system reports.
 */
export async function finishReplacing(
  directory: string,
  steps: ReplacingSteps = onDisk,
): Promise<void> {
  if (await steps.exists(nextPath(directory))) await moveNext(directory, steps);
}

async function moveNext(directory: string, steps: ReplacingSteps): Promise<void> {
  await steps.remove(directory);
  await steps.rename(nextPath(directory), directory);
  await steps.sync(dirname(directory));
}

export async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}
