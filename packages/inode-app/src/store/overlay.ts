import type { ByteString } from '../namespace/byte-string.js';
import { EDGE_PREFIX_BYTES, type EdgeKey, edgeName, edgePrefix } from '../namespace/edge.js';
import type { TrashedDirectory } from '../namespace/inode-store.js';
import type { Presence } from './inode-cache.js';

/** What was written since the last commit; it hides the rows and the cache. */
export class Overlay {
  readonly inodes = new Map<EdgeKey, Presence>();
  /** Edges below the trash whose rows go; no rule asks for them again. */
  readonly reclaimed = new Set<EdgeKey>();
  /** Where inodes hang; false: nowhere. */
  readonly locations = new Map<number, EdgeKey | false>();
  /** By sequence number; false: taken out. */
  readonly trash = new Map<number, TrashedDirectory | false>();

  clear(): void {
    this.inodes.clear();
    this.reclaimed.clear();
    this.locations.clear();
    this.trash.clear();
  }

  /** Entries of one directory behind a name, in byte order, absent ones too. */
  entriesOf(directoryId: number, after: ByteString): readonly OverlaidEntry[] {
    if (this.inodes.size === 0) return [];
    const prefix = edgePrefix(directoryId);
    const start = prefix + after;
    const entries: OverlaidEntry[] = [];
    for (const [edge, presence] of this.inodes) {
      if (edge.startsWith(prefix) && edge > start && edge.length > EDGE_PREFIX_BYTES) {
        entries.push({ name: edgeName(edge), presence });
      }
    }
    return entries.sort((left, right) => (left.name < right.name ? -1 : 1));
  }
}

export interface OverlaidEntry {
  readonly name: ByteString;
  readonly presence: Presence;
}
