import type { FoundEntry } from '../../namespace/mounts/found-entry.js';
import type { ByteString } from '../../namespace/tree/byte-string.js';
import { failure } from '../../namespace/tree/failure.js';
import { parentPath, pathNames } from '../../namespace/tree/path.js';
import { StorageError } from '../../storages/storage-error.js';
import { type CarriedOut, type CarryingOut, foundAt, isDefinite, refused } from './carrying-out.js';

/** Makes each directory that the tree misses along the path, the upper ones first. */
export async function makeDirectories(work: CarryingOut): Promise<CarriedOut> {
  const { deep, path } = work.intent;
  const found: FoundEntry[] = [];
  const made: ByteString[] = [];
  for (const level of missingLevels(work)) {
    const carried = await makeOne(work, level, deep, made).catch((error: unknown) => {
      if (isDefinite(error) && error.code !== 'BUSY') return refused(error, level);
      throw error;
    });
    if ('refusal' in carried) {
      await takeBack(work, made);
      return carried;
    }
    found.push(...carried.found);
  }
  return found.length > 0 ? { found } : { refusal: failure('ALREADY_EXISTS', path) };
}

/** The path and those above it that the tree did not have when this was begun. */
function missingLevels({ intent: { path, reads } }: CarryingOut): readonly ByteString[] {
  const missing = pathNames(path).length - reads.length;
  const levels: ByteString[] = [];
  for (let level = path; levels.length < missing; level = parentPath(level)) levels.unshift(level);
  return levels;
}

async function makeOne(
  work: CarryingOut,
  level: ByteString,
  deep: boolean,
  made: ByteString[],
): Promise<CarriedOut> {
  const mayBeOurs = work.begun || deep;
  // Else the storage itself refuses whatever is there.
  const there = mayBeOurs ? await work.stat(level) : undefined;
  if (there?.type === 'directory') return foundAt(there, level);
  if (there !== undefined) return { refusal: failure('ALREADY_EXISTS', level) };
  const called = work.called(level);
  try {
    await work.change((storage, signal) => storage.makeDirectory(called, signal));
    made.push(level);
  } catch (error) {
    // The directory above has gone, or the whole place has: then it rejects, as nothing is known.
    if (isDefinite(error) && error.code === 'NOT_FOUND') await work.stat(parentPath(level));
    // A request that was given up may have made it just now.
    if (!(mayBeOurs && isDefinite(error) && error.code === 'ALREADY_EXISTS')) throw error;
  }
  const now = await work.stat(level);
  if (now === undefined) throw new StorageError('FAILED', `${called} was made and is not there`);
  if (now.type !== 'directory') return { refusal: failure('ALREADY_EXISTS', level) };
  return foundAt(now, level);
}

/** What was made on the way to a refusal goes again, if nobody has put anything in. */
async function takeBack(work: CarryingOut, made: readonly ByteString[]): Promise<void> {
  for (const level of made.toReversed()) {
    const called = work.called(level);
    try {
      await work.change((storage, signal) => storage.remove(called, { recursive: false }, signal));
    } catch (error) {
      if (!isDefinite(error) || error.code === 'BUSY') throw error;
      return;
    }
  }
}
