import { FLAG, PATH } from '../message-form.js';
import { NO_CHANGE } from '../mounts/intent.js';
import { failure } from '../tree/failure.js';
import { withChildren } from '../tree/inode-record.js';
import { Place, walkPath } from '../tree/path-walk.js';
import { cutOff } from './cut-off.js';
import { defineOperation } from './operation.js';

/**
 * Removes an inode. A directory with entries goes only when `recursive`: it is cut off in one
 * step, however much hangs below it, and its entries are given back by `reclaim` later.
 */
export const deleteInode = defineOperation(
  'delete',
  5,
  { path: PATH, recursive: FLAG },
  {
    paths: ({ path }) => [path],
    intended: ({ path, recursive }) => ({ ...NO_CHANGE, kind: 'delete', path, deep: recursive }),
    apply(store, { path, recursive }, timeMs) {
      const place = walkPath(store, path);
      if (!(place instanceof Place)) return place;
      if (place.parent === undefined) return failure('ROOT_IMMUTABLE', path);
      const inode = place.inode;
      if (inode === undefined) return failure('NOT_FOUND', path);
      if (inode.children > 0 && !recursive) return failure('DIRECTORY_NOT_EMPTY', path);
      store.put(place.parentEdge, withChildren(place.parent, -1, timeMs));
      cutOff(store, place.edge, inode);
      return inode.id;
    },
  },
);
