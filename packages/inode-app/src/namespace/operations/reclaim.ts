import { edgeKey } from '../tree/edge.js';
import type { InodeStore, TrashedDirectory } from '../tree/inode-store.js';

/**
 * Gives back up to `maxEntries` of what hangs below directories in the trash, the oldest first.
 * A subdirectory that has entries goes into the trash in its turn. A directory without any left
 * counts as an entry too, so that a step is bounded however the trees are shaped.
 */
export function reclaim(store: InodeStore, maxEntries: number): void {
  let left = maxEntries;
  while (left > 0) {
    const trashed = store.firstTrashed();
    if (trashed === undefined) return;
    const taken = reclaimEntries(store, trashed, left);
    left -= taken;
    if (left === 0) return;
    store.finishTrashed();
    left -= 1;
  }
}

/** Gives back entries of one directory; fewer than `limit` when there were no more. */
function reclaimEntries(store: InodeStore, trashed: TrashedDirectory, limit: number): number {
  const entries = store.trashedEntries(trashed, limit);
  for (const { name, inode } of entries) {
    store.reclaim(edgeKey(trashed.id, name), inode.id);
    store.count(inode.type, -1);
    if (inode.children > 0) store.trash(inode.id);
  }
  const last = entries.at(-1);
  if (last !== undefined) store.advanceTrashed(last.name);
  return entries.length;
}
