import { MAX_RECLAIM_ENTRIES } from '../limits.js';
import { wholeNumber } from '../message-form.js';
import { edgeKey } from '../tree/edge.js';
import { InodeType } from '../tree/inode.js';
import type { InodeStore, TrashedDirectory } from '../tree/inode-store.js';
import { defineOperation } from './operation.js';

const FIELDS = { maxEntries: wholeNumber(1, MAX_RECLAIM_ENTRIES) };

/**
 * Gives back up to `maxEntries` of what hangs below directories in the trash, the oldest first.
 * Proposed by the leader itself. A subdirectory that has entries goes into the trash in its turn.
 * A directory without any left counts as an entry too, so that a step is bounded however the trees
 * are shaped.
 */
export const reclaim = defineOperation('reclaim', 7, FIELDS, {
  paths: () => [],
  reclaims: ({ maxEntries }) => maxEntries,
  apply(store, { maxEntries }) {
    let left = maxEntries;
    while (left > 0) {
      const trashed = store.firstTrashed();
      if (trashed === undefined) break;
      left -= reclaimEntries(store, trashed, left);
      if (left === 0) break;
      store.finishTrashed();
      left -= 1;
    }
    return 0;
  },
});

/** Gives back entries of one directory; fewer than `limit` when there were no more. */
function reclaimEntries(store: InodeStore, trashed: TrashedDirectory, limit: number): number {
  const entries = store.trashedEntries(trashed, limit);
  for (const { name, inode } of entries) {
    store.reclaim(edgeKey(trashed.id, name), inode.id);
    store.count(inode, -1);
    if (inode.children > 0) store.trash(inode.id);
    else if (inode.type === InodeType.Directory) store.dropDirectory(inode.id);
  }
  const last = entries.at(-1);
  if (last !== undefined) store.advanceTrashed(last.name);
  return entries.length;
}
