import { failure } from '../../namespace/tree/failure.js';
import { StorageError } from '../../storages/storage-error.js';
import {
  type CarriedOut,
  type CarryingOut,
  DONE,
  isDefinite,
  isOtherType,
} from './carrying-out.js';

/** Removes what is there; nothing there is as well. */
export async function removeEntry(work: CarryingOut): Promise<CarriedOut> {
  const { path, deep } = work.intent;
  const there = await work.stat(path);
  if (there === undefined) return DONE;
  // Of what the tree does not know nothing is removed.
  if (isOtherType(work.inodeAt(path), there)) return { refusal: failure('STORAGE_CHANGED', path) };
  const called = work.called(path);
  const recursive = deep && there.type === 'directory';
  try {
    if (recursive) {
      await work.steps('removed', (storage, signal, onProgress) =>
        storage.remove(called, { recursive, onProgress }, signal),
      );
    } else {
      await work.change((storage, signal) => storage.remove(called, { recursive }, signal));
    }
  } catch (error) {
    if (!isDefinite(error) || error.code !== 'NOT_FOUND') throw error;
    // It has gone, or the whole place has: then it rejects, as nothing is known. Or something below went meanwhile.
    if ((await work.stat(path)) !== undefined) throw new StorageError('FAILED', error.message);
  }
  return DONE;
}
