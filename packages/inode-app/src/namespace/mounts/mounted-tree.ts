import type { ByteString } from '../tree/byte-string.js';
import type { EdgeKey } from '../tree/edge.js';
import type { DirectoryEntry, InodeReader } from '../tree/inode-store.js';
import type { MountState } from './mount-state.js';

/** What mounts need of the tree of this member, as it has been applied. */
export interface MountedTree extends InodeReader {
  readonly mounts: MountState;
  /** Brings what lies along these paths into memory; undefined when it is there. */
  prefetch(paths: readonly ByteString[], signal: AbortSignal): Promise<void> | undefined;
  /** Brings edges into memory. */
  fetch(edges: readonly EdgeKey[], signal: AbortSignal): Promise<void>;
  /** Entries of a directory behind a name, in byte order. */
  listEntries(
    directoryId: number,
    after: ByteString,
    limit: number,
    signal: AbortSignal,
  ): Promise<readonly DirectoryEntry[]>;
}
