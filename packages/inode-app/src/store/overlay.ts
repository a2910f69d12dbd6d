import type { EdgeKey } from '../namespace/tree/edge.js';
import type { TrashedDirectory } from '../namespace/tree/inode-store.js';

/** What was written since the last commit. */
export class Overlay {
  /** Edges whose rows are out of date; the cache has what they are now. */
  readonly edges = new Set<EdgeKey>();
  /** Edges below the trash whose rows go; no rule asks for them again. */
  readonly reclaimed = new Set<EdgeKey>();
  /** Start rows by their keys; false: taken away. */
  readonly startRows = new Map<EdgeKey, boolean>();
  /** Where inodes came to hang, in order; undefined: nowhere. */
  readonly locations: Location[] = [];
  /** By sequence number; false: taken out. */
  readonly trash = new Map<number, TrashedDirectory | false>();

  /** The last location of an inode, if it got one. */
  locationOf(id: number): Location | undefined {
    return this.locations.findLast((location) => location.id === id);
  }

  clear(): void {
    this.edges.clear();
    this.reclaimed.clear();
    this.startRows.clear();
    this.locations.length = 0;
    this.trash.clear();
  }
}

export interface Location {
  readonly id: number;
  readonly edge: EdgeKey | undefined;
}
