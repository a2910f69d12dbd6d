import type { ByteString } from '../namespace/tree/byte-string.js';
import type { EdgeKey } from '../namespace/tree/edge.js';

/** Paths remembered; with one more they are all forgotten. */
const MAX_PATHS = 4096;

/**
 * Where paths of directories led to, so that a path into one of them need not be followed from
 * the root again. Holds until a directory leaves its place; changes of directories do not matter.
 */
export class DirectoryMemo {
  readonly #edges = new Map<ByteString, EdgeKey>();

  get(path: ByteString): EdgeKey | undefined {
    return this.#edges.get(path);
  }

  note(path: ByteString, edge: EdgeKey): void {
    if (this.#edges.size >= MAX_PATHS) this.#edges.clear();
    this.#edges.set(path, edge);
  }

  /** A directory was moved or removed. */
  forget(): void {
    if (this.#edges.size > 0) this.#edges.clear();
  }
}
