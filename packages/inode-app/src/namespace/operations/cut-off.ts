import type { EdgeKey } from '../tree/edge.js';
import { InodeType } from '../tree/inode.js';
import type { InodeRecord } from '../tree/inode-record.js';
import type { InodeStore } from '../tree/inode-store.js';

/** Takes an inode from its edge, with all that hangs below it, however much that is. Its directory counts it still. */
export function cutOff(store: InodeStore, edge: EdgeKey, inode: InodeRecord): void {
  if (inode.children > 0) store.trash(inode.id);
  else if (inode.type === InodeType.Directory) store.dropDirectory(inode.id);
  store.remove(edge, inode);
  store.locate(inode.id, undefined);
  store.count(inode, -1);
}
