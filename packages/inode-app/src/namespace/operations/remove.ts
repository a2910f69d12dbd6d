import type { ByteString } from '../tree/byte-string.js';
import { withChildren } from '../tree/inode-record.js';
import type { InodeStore } from '../tree/inode-store.js';
import { failure, Place, walkPath } from '../tree/path-walk.js';
import type { OperationResult } from './operation.js';

/**
 * Removes an inode. A directory with entries goes only when `recursive`: it is cut off in one
 * step, however much hangs below it, and its entries are given back by `reclaim` later.
 */
export function remove(
  store: InodeStore,
  path: ByteString,
  recursive: boolean,
  timeMs: number,
): OperationResult {
  const place = walkPath(store, path);
  if (!(place instanceof Place)) return place;
  if (place.parent === undefined) return failure('ROOT_IMMUTABLE', path);
  const inode = place.inode;
  if (inode === undefined) return failure('NOT_FOUND', path);
  if (inode.children > 0) {
    if (!recursive) return failure('DIRECTORY_NOT_EMPTY', path);
    store.trash(inode.id);
  }
  store.put(place.parentEdge, withChildren(place.parent, -1, timeMs));
  store.remove(place.edge, inode);
  store.locate(inode.id, undefined);
  store.count(inode.type, -1);
  return inode.id;
}
