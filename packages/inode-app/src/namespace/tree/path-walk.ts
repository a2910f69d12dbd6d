import { dataCorrupt } from '../../errors.js';
import { type ByteString, sliceBytes } from './byte-string.js';
import { type EdgeKey, edgeKey, ROOT_EDGE } from './edge.js';
import { type Failure, failure } from './failure.js';
import { InodeType } from './inode.js';
import type { InodeRecord } from './inode-record.js';
import type { InodeReader } from './inode-store.js';
import { pathFault } from './path.js';

/** Where a path leads: an edge of a directory that exists, with or without an inode at it. */
export class Place {
  constructor(
    readonly edge: EdgeKey,
    readonly inode: InodeRecord | undefined,
    /** Undefined for the root. */
    readonly parent: InodeRecord | undefined,
    readonly parentEdge: EdgeKey,
  ) {}
}

/** The root's record: a tree without one is broken. */
export function rootOf(store: InodeReader): InodeRecord {
  const root = store.get(ROOT_EDGE);
  if (root === undefined) throw dataCorrupt('no root');
  return root;
}

/**
 * Follows a path down from the root. Symbolic links are not followed. Fails with the path's fault,
 * or NOT_FOUND or NOT_A_DIRECTORY with the part of the path that leads no further.
 */
export function walkPath(store: InodeReader, path: ByteString): Place | Failure {
  const fault = pathFault(path);
  if (fault !== undefined) return failure(fault, path);
  if (path.length === 1) return new Place(ROOT_EDGE, rootOf(store), undefined, ROOT_EDGE);
  const end = path.lastIndexOf('/');
  const parentEdge = end === 0 ? ROOT_EDGE : walkDirectory(store, sliceBytes(path, 0, end));
  if (typeof parentEdge !== 'string') return parentEdge;
  const parent = directoryIn(store, parentEdge);
  const edge = edgeKey(parent.id, sliceBytes(path, end + 1));
  return new Place(edge, store.get(edge), parent, parentEdge);
}

/** The edge of the directory at a valid path that is not the root's. */
function walkDirectory(store: InodeReader, path: ByteString): EdgeKey | Failure {
  const known = store.directoryAt(path);
  if (known !== undefined) return known;
  let parent = rootOf(store);
  for (let start = 1; ; ) {
    const slash = path.indexOf('/', start);
    const end = slash < 0 ? path.length : slash;
    const edge = edgeKey(parent.id, sliceBytes(path, start, end));
    const inode = store.get(edge);
    if (inode === undefined) return failure('NOT_FOUND', sliceBytes(path, 0, end));
    if (inode.type !== InodeType.Directory)
      return failure('NOT_A_DIRECTORY', sliceBytes(path, 0, end));
    if (slash < 0) {
      store.noteDirectory(path, edge);
      return edge;
    }
    parent = inode;
    start = end + 1;
  }
}

function directoryIn(store: InodeReader, edge: EdgeKey): InodeRecord {
  const directory = store.get(edge);
  if (directory?.type === InodeType.Directory) return directory;
  throw dataCorrupt('no directory where one was found before');
}
