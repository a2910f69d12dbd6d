import { dataCorrupt } from '../errors.js';
import { MAX_PATH_BYTES } from '../namespace/limits.js';
import { type ByteString, joinBytes, NO_BYTES } from '../namespace/tree/byte-string.js';
import { type EdgeKey, edgeName, edgeParent, ROOT_EDGE } from '../namespace/tree/edge.js';
import { type Failure, failure } from '../namespace/tree/failure.js';
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
  if (id === ROOT_ID) return located(store, ROOT_ID, ROOT_EDGE, ROOT_PATH);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const removals = store.removals;
    const walk = new UpwardWalk(id);
    while (!walk.ended) walk.step(await store.readLocation(walk.next, signal));
    if (walk.edge !== undefined && store.peek(walk.edge) === undefined) {
      await store.fetch([walk.edge], signal);
    }
    if (store.removals === removals) return walk.answer(store);
  }
  const walk = new UpwardWalk(id);
  while (!walk.ended) walk.step(store.readLocationSync(walk.next));
  return walk.answer(store);
}

class UpwardWalk {
  /** Where the inode itself hangs. */
  edge: EdgeKey | undefined;
  /** The inode whose place is to be found next. */
  next: number;
  ended = false;
  readonly #id: number;
  #path = NO_BYTES;
  #refused: Failure | undefined;

  constructor(id: number) {
    this.#id = id;
    this.next = id;
  }

  step(edge: EdgeKey | undefined): void {
    if (edge === undefined) {
      this.#refuse('NOT_FOUND');
      return;
    }
    this.edge ??= edge;
    this.#path = joinBytes(ROOT_PATH, edgeName(edge), this.#path);
    this.next = edgeParent(edge);
    if (this.#path.length > MAX_PATH_BYTES) this.#refuse('PATH_TOO_LONG');
    else if (this.next === ROOT_ID) this.ended = true;
  }

  answer(store: LocationStore): PathAndInode | Failure {
    if (this.#refused !== undefined) return this.#refused;
    return this.edge === undefined
      ? failure('NOT_FOUND', NO_BYTES)
      : located(store, this.#id, this.edge, this.#path);
  }

  #refuse(code: 'NOT_FOUND' | 'PATH_TOO_LONG'): void {
    this.#refused = failure(code, NO_BYTES);
    this.ended = true;
  }
}

function located(store: LocationStore, id: number, edge: EdgeKey, path: ByteString): PathAndInode {
  const inode = store.get(edge);
  if (inode?.id === id) return { inode, path };
  throw dataCorrupt(
    `${inode === undefined ? 'nothing' : `inode ${inode.id}`} where inode ${id} is said to be`,
  );
}
