import { type Failure, failure } from '../../namespace/tree/failure.js';
import { parentPath } from '../../namespace/tree/path.js';
import type { StorageEntry } from '../../storages/storage.js';
import {
  type CarriedOut,
  type CarryingOut,
  DONE,
  isDefinite,
  isOtherType,
  refused,
} from './carrying-out.js';

/**
 * Moves an entry: in one step where the storage can; else it copies, lets the tree follow, and removes the originals.
 */
export async function moveEntry(work: CarryingOut): Promise<CarriedOut> {
  const { intent } = work;
  const { path, destination } = intent;
  if (work.moved) return await removeOriginals(work);
  const source = await work.stat(path);
  const there = await work.stat(destination);
  if (source === undefined) {
    // Whoever began it has moved it, in one step: copies leave the source until the tree has followed.
    const arrived = there !== undefined && work.begun;
    return arrived ? DONE : { refusal: failure('NOT_FOUND', path) };
  }
  const fault = await faultOf(work, source, there);
  if (fault !== undefined) return { refusal: fault };
  if (await movesInOneStep(work, source)) {
    // It makes no copies that could be there.
    if (there !== undefined) return { refusal: failure('ALREADY_EXISTS', destination) };
    const [from, to] = [work.called(path), work.called(destination)];
    const { begun } = work;
    try {
      await work.change((storage, signal) => storage.rename(from, to, signal));
      return DONE;
    } catch (error) {
      if (!isDefinite(error)) throw error;
      // A request that was given up may have moved it just now.
      if (begun && (await hasMoved(work))) return DONE;
      // It has gone, or the whole place has: then it rejects, as nothing is known.
      if (error.code === 'NOT_FOUND') await work.stat(path);
      // It lies elsewhere within the storage: it has to be copied.
      if (error.code !== 'UNSUPPORTED') throw error;
    }
  }
  const refusal = await copyOver(work);
  if (refusal !== undefined) return refusal;
  await work.move();
  return await removeOriginals(work);
}

async function hasMoved(work: CarryingOut): Promise<boolean> {
  const { path, destination } = work.intent;
  return (await work.stat(path)) === undefined && (await work.stat(destination)) !== undefined;
}

async function faultOf(
  work: CarryingOut,
  source: StorageEntry,
  there: StorageEntry | undefined,
): Promise<Failure | undefined> {
  const { path, destination } = work.intent;
  if (isOtherType(work.inodeAt(path), source)) return failure('STORAGE_CHANGED', path);
  // Nothing was there when it was begun: what is there now may be copies.
  if (there !== undefined && !work.begun) return failure('ALREADY_EXISTS', destination);
  // The source is in it.
  if (parentPath(destination) === parentPath(path)) return undefined;
  const directory = await work.stat(parentPath(destination));
  if (directory === undefined) return failure('NOT_FOUND', parentPath(destination));
  if (directory.type === 'directory') return undefined;
  return failure('NOT_A_DIRECTORY', parentPath(destination));
}

async function movesInOneStep(work: CarryingOut, source: StorageEntry): Promise<boolean> {
  const storage = await work.access.opened(work.limits);
  const { files, directories } = storage.abilities.renames;
  return source.type === 'directory' ? directories : files;
}

/** Undefined once all is copied. A refusal leaves nothing behind. */
async function copyOver(work: CarryingOut): Promise<CarriedOut | undefined> {
  const { path, destination } = work.intent;
  const [from, to] = [work.called(path), work.called(destination)];
  try {
    await work.steps('copied', (storage, signal, onProgress) =>
      storage.copy(from, to, { onProgress }, signal),
    );
    return undefined;
  } catch (error) {
    if (!isDefinite(error) || error.code === 'BUSY') throw error;
    // Something else is there: it is not taken for copies.
    if (error.code !== 'ALREADY_EXISTS') await removeCopies(work, to);
    return refused(error, error.code === 'ALREADY_EXISTS' ? destination : path);
  }
}

async function removeCopies(work: CarryingOut, to: string): Promise<void> {
  try {
    await work.steps('taken back', (storage, signal, onProgress) =>
      storage.remove(to, { recursive: true, onProgress }, signal),
    );
  } catch (error) {
    if (!isDefinite(error) || error.code === 'BUSY') throw error;
  }
}

/** What somebody put in meanwhile, or changed, stays, and is looked for then. */
async function removeOriginals(work: CarryingOut): Promise<CarriedOut> {
  const { path, destination } = work.intent;
  const [from, to] = [work.called(path), work.called(destination)];
  try {
    const left = await work.steps('removed', (storage, signal, onProgress) =>
      storage.removeCopied(from, to, { onProgress }, signal),
    );
    return { found: [], leftBehind: left > 0 };
  } catch (error) {
    if (!isDefinite(error) || error.code === 'BUSY') throw error;
    // The tree has moved: what can't be removed is left there, as what somebody put there, if the storage can be asked at all.
    return { found: [], leftBehind: (await work.stat(path)) !== undefined };
  }
}
