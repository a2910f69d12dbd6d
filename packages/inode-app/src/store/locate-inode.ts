import { dataCorrupt } from '../errors.js';
import { MAX_PATH_BYTES } from '../namespace/limits.js';
import { type ByteString, joinBytes, NO_BYTES } from '../namespace/tree/byte-string.js';
import { type EdgeKey, edgeName, edgeParent, ROOT_EDGE } from '../namespace/tree/edge.js';
import { type Failure, failure, isFailure } from '../namespace/tree/failure.js';
import { ROOT_ID } from '../namespace/tree/inode.js';
import type { InodeReader, PathAndInode } from '../namespace/tree/inode-store.js';
import { ROOT_PATH } from '../namespace/tree/path.js';

/** Walks that were overtaken by a rename or removal, before one is made on the event loop. */
const MAX_ATTEMPTS = 4;

/** What finding inodes by id needs of the store. */
interface LocationStore extends Pick<InodeReader, 'get'> {
  /** Grows when an inode leaves its place. */
  readonly removals: number;
  /** Where an inode hangs, read off the event loop. */
  readLocation(id: number, signal?: AbortSignal): Promise<EdgeKey | undefined>;
  /** The same on the event loop. */
  readLocationSync(id: number): EdgeKey | undefined;
  /** Reads edges into memory, off the event loop. */
  fetch(edges: readonly EdgeKey[], signal?: AbortSignal): Promise<void>;
  /** What is in memory about an edge, undefined if nothing is. */
  peek(edge: EdgeKey): object | false | undefined;
}

/**
 * Finds an inode by its id: up from row to row until the root, or until one is missing because
 * the inode, or a directory above it, was removed. The walk takes time, so it holds only if
 * nothing left its place meanwhile.
 */
export async function locateInode(
  store: LocationStore,
  id: number,
  signal: AbortSignal | undefined,
): Promise<PathAndInode | Failure> {
  if (id === ROOT_ID) return inodeAt(store, id, { edge: ROOT_EDGE, path: ROOT_PATH });
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const removals = store.removals;
    const walk = walkUp(id);
    let step = walk.next();
    while (!step.done) step = walk.next(await store.readLocation(step.value, signal));
    const found = step.value;
    if (!isFailure(found) && store.peek(found.edge) === undefined) {
      await store.fetch([found.edge], signal);
    }
    if (store.removals === removals) return inodeAt(store, id, found);
  }
  const walk = walkUp(id);
  let step = walk.next();
  while (!step.done) step = walk.next(store.readLocationSync(step.value));
  return inodeAt(store, id, step.value);
}

/** Where an inode hangs, and the path that leads there. */
interface Location {
  readonly edge: EdgeKey;
  readonly path: ByteString;
}

/** Yields the ids from an inode up to below the root; each time it is given where that one hangs. */
function* walkUp(id: number): Generator<number, Location | Failure, EdgeKey | undefined> {
  let own: EdgeKey | undefined;
  let path = NO_BYTES;
  let next = id;
  do {
    const edge = yield next;
    if (edge === undefined) return failure('NOT_FOUND', NO_BYTES);
    own ??= edge;
    path = joinBytes(ROOT_PATH, edgeName(edge), path);
    if (path.length > MAX_PATH_BYTES) return failure('PATH_TOO_LONG', NO_BYTES);
    next = edgeParent(edge);
  } while (next !== ROOT_ID);
  return { edge: own, path };
}

function inodeAt(
  store: LocationStore,
  id: number,
  found: Location | Failure,
): PathAndInode | Failure {
  if (isFailure(found)) return found;
  const inode = store.get(found.edge);
  if (inode?.id === id) return { inode, path: found.path };
  throw dataCorrupt(
    `${inode === undefined ? 'nothing' : `inode ${inode.id}`} where inode ${id} is said to be`,
  );
}
