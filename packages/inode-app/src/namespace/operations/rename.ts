import type { ByteString } from '../tree/byte-string.js';
import { failure } from '../tree/failure.js';
import { InodeType } from '../tree/inode.js';
import { withChildren } from '../tree/inode-record.js';
import type { InodeStore } from '../tree/inode-store.js';
import { isBelow, pathFault } from '../tree/path.js';
import { Place, walkPath } from '../tree/path-walk.js';
import { pathFromText } from '../tree/text-to-bytes.js';
import { wireArray, wireBytes } from '../wire-fields.js';
import type { OperationResult, TextOperationDefinition } from './operation.js';

export interface Rename {
  readonly kind: 'rename';
  readonly source: ByteString;
  readonly destination: ByteString;
}

export interface RenameText {
  readonly kind: 'rename';
  readonly source: string;
  readonly destination: string;
}

/**
 * Moves an inode, with all below it, to a place where nothing is. The inode itself stays as it is;
 * both directories were modified. From a place to itself nothing happens, as in POSIX.
 */
export const rename: TextOperationDefinition<Rename, RenameText> = {
  kind: 'rename',
  number: 4,
  encode: ({ source, destination }) => [4, source, destination],
  parse(wire) {
    const [, source, destination] = wireArray(wire, 3, 3, 'a rename');
    return {
      kind: 'rename',
      source: wireBytes(source, 'source'),
      destination: wireBytes(destination, 'destination'),
    };
  },
  paths: ({ source, destination }) => [source, destination],
  fromText: ({ source, destination }) => ({
    kind: 'rename',
    source: pathFromText(source),
    destination: pathFromText(destination),
  }),
  apply: applyRename,
};

function applyRename(
  store: InodeStore,
  { source, destination }: Rename,
  timeMs: number,
): OperationResult {
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
}
