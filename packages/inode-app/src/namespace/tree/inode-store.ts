import type { MountState } from '../mounts/mount-state.js';
import type { ByteString } from './byte-string.js';
import type { EdgeKey } from './edge.js';
import type { Failure } from './failure.js';
import type { Inode } from './inode.js';
import type { InodeRecord } from './inode-record.js';

/** An entry of a directory. */
export interface DirectoryEntry {
  readonly name: ByteString;
  readonly inode: InodeRecord;
}

/** An inode with the path that leads to it. */
export interface PathAndInode {
  readonly path: ByteString;
  readonly inode: Inode;
}

/** A directory that was cut off the tree, and how far giving back its entries has come. */
export interface TrashedDirectory {
  readonly id: number;
  /** Names up to this one are gone; empty at first. */
  readonly after: ByteString;
}

/** What following a path needs. */
export interface InodeReader {
  /** The inode at an edge. */
  get(edge: EdgeKey): InodeRecord | undefined;
  /** Where a path was found to lead, if no directory has left its place since. */
  directoryAt(path: ByteString): EdgeKey | undefined;
  /** Notes that a path leads to the directory at this edge, for `directoryAt`. */
  noteDirectory(path: ByteString, edge: EdgeKey): void;
}

/** What queries need. */
export interface QueryStore extends InodeReader {
  readonly mounts: MountState;
  /** Entries of a directory behind a name, in byte order, as they are at the call. */
  listEntries(
    directoryId: number,
    after: ByteString,
    limit: number,
    signal: AbortSignal | undefined,
  ): Promise<readonly DirectoryEntry[]>;
  /** An inode by its id, with its path, from one moment at or after the call. */
  locateInode(id: number, signal: AbortSignal | undefined): Promise<PathAndInode | Failure>;
}

/**
 * What the rules need of whatever keeps the tree. Everything is synchronous, and what was written
 * is seen at once. Nothing here checks a rule.
 */
export interface InodeStore extends InodeReader {
  readonly mounts: MountState;

  /** Gives an edge this record, whether or not it had one. */
  put(edge: EdgeKey, inode: InodeRecord): void;
  /** Leaves nothing at an edge that had this inode. */
  remove(edge: EdgeKey, inode: InodeRecord): void;
  /** Notes where an inode hangs; undefined: nowhere any more. */
  locate(id: number, edge: EdgeKey | undefined): void;

  /** Notes that a directory without entries is gone for good. */
  dropDirectory(id: number): void;

  /** Ids that `takeId` has yet to give. */
  readonly idsLeft: number;
  /** The next id; each is given once. */
  takeId(): number;
  /** Notes that an inode came (1) or went (-1). */
  count(inode: Pick<InodeRecord, 'type' | 'mounted'>, change: 1 | -1): void;

  /** Takes a directory that was cut off into the trash, behind all that is there. */
  trash(directoryId: number): void;
  /** What has been in the trash the longest. */
  firstTrashed(): TrashedDirectory | undefined;
  /** Notes that the first one's names up to `after` are gone. */
  advanceTrashed(after: ByteString): void;
  /** Takes the first one out of the trash. */
  finishTrashed(): void;
  /** Entries of a directory in the trash behind a name, in byte order, at most `limit`. */
  trashedEntries(trashed: TrashedDirectory, limit: number): readonly DirectoryEntry[];
  /** The first entries of a directory in the tree, in byte order, at most `limit`: read in place, so only where few are. */
  firstEntries(directoryId: number, limit: number): readonly DirectoryEntry[];
  /** Gives back an entry below the trash, where nothing looks for it again. */
  reclaim(edge: EdgeKey, id: number): void;
}
