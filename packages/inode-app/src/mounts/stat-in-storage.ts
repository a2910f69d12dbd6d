import type { StorageEntry } from '../storages/storage.js';
import { StorageError } from '../storages/storage-error.js';
import type { StorageAccess } from './storage-access.js';
import type { CallLimits } from './storage-call.js';

/**
 * What a storage has at a path; undefined where it says that nothing is there. Rejects with StorageError: INVALID where the
 * whole place is missing, as nothing is known then of what is in it.
 */
export async function statInStorage(
  access: StorageAccess,
  called: string,
  limits: CallLimits,
): Promise<StorageEntry | undefined> {
  try {
    return await access.read((storage, signal) => storage.stat(called, signal), limits);
  } catch (error) {
    if (!(error instanceof StorageError) || error.code !== 'NOT_FOUND') throw error;
    throw new StorageError('INVALID', error.message, { cause: error });
  }
}
