import { PATH } from '../message-form.js';
import { NO_CHANGE } from '../mounts/intent.js';
import { failure } from '../tree/failure.js';
import { InodeType } from '../tree/inode.js';
import { withChildren } from '../tree/inode-record.js';
import { isBelow, pathFault } from '../tree/path.js';
import { Place, walkPath } from '../tree/path-walk.js';
import { defineOperation } from './operation.js';

/**
 * Moves an inode, with all below it, to a place where nothing is. The inode itself stays as it is;
 * both directories were modified. From a place to itself nothing happens, as in POSIX.
 */
export const rename = defineOperation(
  'rename',
  4,
  { source: PATH, destination: PATH },
  {
    paths: ({ source, destination }) => [source, destination],
    intended: ({ source, destination }) => ({
      ...NO_CHANGE,
      kind: 'rename',
      path: source,
      destination,
    }),
    apply(store, { source, destination }, timeMs) {
      const from = walkPath(store, source);
      if (!(from instanceof Place)) return from;
      if (from.parent === undefined) return failure('ROOT_IMMUTABLE', source);
      if (from.inode === undefined) return failure('NOT_FOUND', source);
      const fault = pathFault(destination);
      if (fault !== undefined) return failure(fault, destination);
      if (from.inode.type === InodeType.Directory && isBelow(destination, source)) {
        return failure('RENAME_BELOW_ITSELF', destination);
      }
      const to = walkPath(store, destination);
      if (!(to instanceof Place)) return to;
      if (to.parent === undefined) return failure('ROOT_IMMUTABLE', destination);
      if (to.edge === from.edge) return from.inode.id;
      if (to.inode !== undefined) return failure('ALREADY_EXISTS', destination);

      if (from.parentEdge === to.parentEdge) {
        store.put(from.parentEdge, withChildren(from.parent, 0, timeMs));
      } else {
        store.put(from.parentEdge, withChildren(from.parent, -1, timeMs));
        store.put(to.parentEdge, withChildren(to.parent, 1, timeMs));
      }
      store.remove(from.edge, from.inode);
      store.put(to.edge, from.inode);
      store.locate(from.inode.id, to.edge);
      return from.inode.id;
    },
  },
);
