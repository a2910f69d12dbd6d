import { type EdgeKey, edgeParent } from '../../namespace/tree/edge.js';
import { ROOT_ID } from '../../namespace/tree/inode.js';

/**
 * Whether `id` is the lowest id of a ring of directories, each in the next one. A ring has one, and it hangs
 * in a directory with a higher id: others, made after what they hang in, need no look. Goes up from there, with
 * what it remembers bounded (Brent's way to find a ring that does not lead back to where it began).
 */
export function isLowestOfRing(
  id: number,
  edgeOf: (directoryId: number) => EdgeKey | undefined,
): boolean {
  let mark = id;
  let at = id;
  for (let steps = 1, limit = 1; ; steps += 1) {
    const edge = edgeOf(at);
    if (edge === undefined) return false;
    at = edgeParent(edge);
    if (at === id) return true;
    if (at <= ROOT_ID || at === mark || at < id) {
      // Above a lower id there may be a ring, but this is not its lowest.
      return false;
    }
    if (steps === limit) {
      mark = at;
      limit += steps;
      steps = 0;
    }
  }
}
