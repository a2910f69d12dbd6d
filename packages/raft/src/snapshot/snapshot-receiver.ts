import type { SnapshotBlock, SnapshotManifest, SnapshotPosition } from './snapshot-block.js';
import type { FetchedSnapshot } from './snapshot-source.js';

/**
 * Takes in one snapshot, block by block, and keeps it aside until it is installed. How far it came is
 * kept with what was received, so that a process that was killed goes on where that one ended. One
 * call at a time.
 */
export interface SnapshotReceiver {
  /** What was begun, by this process or a former one, and neither completed nor discarded. */
  begun(): Promise<SnapshotManifest | undefined>;

  /**
   * Where to go on with this snapshot: at its first block, unless it was begun before. What was
   * received of another one is forgotten. Rejects with SNAPSHOT_FOREIGN for what the state machine
   * can't take, and what the disk reports.
   */
  begin(manifest: SnapshotManifest): Promise<SnapshotPosition>;

  /**
   * The next block, which was checked. May resolve before it is durable; a later call or `begin` says
   * what is missing. Rejects with what the disk reports, and SNAPSHOT_DAMAGED where its rows are none.
   */
  accept(block: SnapshotBlock): Promise<void>;

  /** After the last block: all of it is on the disk when this resolves, and nothing is begun any more. */
  complete(): Promise<FetchedSnapshot>;

  /** Forgets what was begun. */
  discard(): Promise<void>;
}
