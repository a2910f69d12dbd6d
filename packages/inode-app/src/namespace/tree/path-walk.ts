import { MAX_PATH_BYTES } from '../limits.js';
import type { NamespaceErrorCode } from '../operations/operation.js';
import type { ByteString } from './byte-string.js';
import { type EdgeKey, edgeKey, ROOT_EDGE } from './edge.js';
import { InodeType } from './inode.js';
import type { InodeRecord } from './inode-record.js';
import type { InodeReader } from './inode-store.js';
import { pathFault } from './path.js';

/** The wire form of a refusal. */
export type Failure = readonly [code: NamespaceErrorCode, path: ByteString];

/** A refusal; a path that is too long is cut to what a path may have. */
export function failure(code: NamespaceErrorCode, path: ByteString): Failure {
  return [code, path.length > MAX_PATH_BYTES ? path.slice(0, MAX_PATH_BYTES) : path];
}

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
  if (root === undefined) throw new Error('The tree has no root: its store is not an inode store');
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
  const parentEdge = end === 0 ? ROOT_EDGE : walkDirectory(store, path.slice(0, end));
  if (typeof parentEdge !== 'string') return parentEdge;
  const parent = directoryIn(store, parentEdge);
  const edge = edgeKey(parent.id, path.slice(end + 1));
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
    const edge = edgeKey(parent.id, path.slice(start, end));
    const inode = store.get(edge);
    if (inode === undefined) return failure('NOT_FOUND', path.slice(0, end));
    if (inode.type !== InodeType.Directory) return failure('NOT_A_DIRECTORY', path.slice(0, end));
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
  throw new Error('The tree has no directory where one was: its store forgot to say so');
}
