import { rmdir, unlink } from 'node:fs/promises';
import { MAX_STORAGE_PAGE } from '../storage.js';
import { StorageError } from '../storage-error.js';
import { childPath } from '../storage-path.js';
import { directoryNames } from './directory-names.js';
import type { FileCalls } from './file-calls.js';
import { localError, localFailure, systemCode } from './local-error.js';
import type { LocalPlace } from './local-place.js';

/** Removes what is no directory, or an empty one. */
export async function removeOne(
  place: LocalPlace,
  calls: FileCalls,
  path: string,
  isDirectory: boolean,
  signal: AbortSignal,
): Promise<void> {
  const bytes = place.bytes(path);
  try {
    await calls.run(signal, () => (isDirectory ? rmdir(bytes) : unlink(bytes)));
  } catch (error) {
    // Some systems say so of a directory that is not empty.
    if (systemCode(error) !== 'EEXIST') throw localError(error, path);
    throw localFailure('NOT_EMPTY', path, 'there is something in it', error);
  }
}

/** Removes a directory and all that is below it, and follows no link. `done` is told of each entry. */
export async function removeTree(
  place: LocalPlace,
  calls: FileCalls,
  path: string,
  done: () => void,
  signal: AbortSignal,
): Promise<void> {
  // A file system may pass by names while others are removed: as long as some are found, there may be more.
  for (let isFound = true; isFound; ) {
    isFound = await removeBelow(place, calls, path, done, signal);
    try {
      await removeOne(place, calls, path, true, signal);
      return done();
    } catch (error) {
      if (!isFound || !(error instanceof StorageError) || error.code !== 'NOT_EMPTY') throw error;
    }
  }
}

/** Whether anything was there. */
async function removeBelow(
  place: LocalPlace,
  calls: FileCalls,
  path: string,
  done: () => void,
  signal: AbortSignal,
): Promise<boolean> {
  let isFound = false;
  try {
    for await (const names of directoryNames(place.bytes(path), MAX_STORAGE_PAGE, calls, signal)) {
      isFound = true;
      for (const name of names) {
        const child = childPath(path, name);
        const stats = await place.lstat(child, signal);
        if (stats === undefined) continue;
        if (stats.isDirectory()) await removeTree(place, calls, child, done, signal);
        else {
          await removeOne(place, calls, child, false, signal);
          done();
        }
      }
    }
  } catch (error) {
    throw localError(error, path);
  }
  return isFound;
}
