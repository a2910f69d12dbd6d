import { failure } from '../tree/failure.js';
import { ROOT_PATH } from '../tree/path.js';
import { defineOperation } from './operation.js';

/**
 * Proposed by a member that begins to lead, before it touches a storage: steps that a former leader had under way, in
 * storages or in the log, count no more. The number of the epoch.
 */
export const openEpoch = defineOperation(
  'openEpoch',
  12,
  {},
  {
    paths: () => [],
    apply(store) {
      if (store.idsLeft < 1) return failure('IDS_EXHAUSTED', ROOT_PATH);
      const epoch = store.takeId();
      store.mounts.beginEpoch(epoch);
      return epoch;
    },
  },
);
