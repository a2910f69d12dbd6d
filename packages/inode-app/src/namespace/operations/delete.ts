import type { ByteString } from '../tree/byte-string.js';
import { failure } from '../tree/failure.js';
import { withChildren } from '../tree/inode-record.js';
import { Place, walkPath } from '../tree/path-walk.js';
import { pathFromText } from '../tree/text-to-bytes.js';
import { wireArray, wireBoolean, wireBytes } from '../wire-fields.js';
import type { TextOperationDefinition } from './operation.js';

export interface Delete {
  readonly kind: 'delete';
  readonly path: ByteString;
  readonly recursive: boolean;
}

export interface DeleteText {
  readonly kind: 'delete';
  readonly path: string;
  readonly recursive?: boolean;
}

/**
 * Removes an inode. A directory with entries goes only when `recursive`: it is cut off in one
 * step, however much hangs below it, and its entries are given back by `reclaim` later.
 */
export const deleteInode: TextOperationDefinition<Delete, DeleteText> = {
  kind: 'delete',
  number: 5,
  encode: ({ path, recursive }) => [5, path, recursive],
  parse(wire) {
    const [, path, recursive] = wireArray(wire, 3, 3, 'a delete');
    return {
      kind: 'delete',
      path: wireBytes(path, 'path'),
      recursive: wireBoolean(recursive, 'recursive'),
    };
  },
  paths: ({ path }) => [path],
  fromText: ({ path, recursive = false }) => ({
    kind: 'delete',
    path: pathFromText(path),
    recursive,
  }),
  apply(store, { path, recursive }, timeMs) {
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
  },
};
