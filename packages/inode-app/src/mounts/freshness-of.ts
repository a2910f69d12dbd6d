import { type Mount, NEVER_AGAIN } from '../namespace/mounts/mount.js';
import type { ByteString } from '../namespace/tree/byte-string.js';
import { InodeType } from '../namespace/tree/inode.js';
import type { InodeRecord } from '../namespace/tree/inode-record.js';
import type { InodeReader } from '../namespace/tree/inode-store.js';
import { parentPath } from '../namespace/tree/path.js';
import { Place, walkPath } from '../namespace/tree/path-walk.js';
import type { SyncTimes } from './sync-times.js';

/** What is known of a storage counts if it was looked at since then, monotonic milliseconds. */
export type LookedSince = number | 'ever';

/** From when on a look counts, for whoever asked at `askedMs`. */
export function lookedSince(intervalMs: number, nowMs: number, askedMs: number): LookedSince {
  return intervalMs === NEVER_AGAIN ? 'ever' : Math.min(nowMs - intervalMs, askedMs);
}

/** Whether what the tree says of a path in a mount counts: what is there, or that nothing is. */
export function isPathKnown(
  tree: InodeReader,
  times: SyncTimes,
  mount: Mount,
  path: ByteString,
  since: LookedSince,
): boolean {
  if (path === mount.path) return true;
  const place = walkPath(tree, path);
  if (place instanceof Place && place.inode !== undefined) {
    if (since === 'ever' || isBeingWritten(place.inode)) return true;
    return times.entryAtMs(place.inode.id, place.parent?.id ?? 0) >= since;
  }
  const directory = lastDirectory(tree, path);
  const isWhole = directory?.mounted?.complete === true;
  const listedAtMs = isWhole ? times.listedAtMs(directory.id) : Number.NEGATIVE_INFINITY;
  const absentAtMs = Math.max(listedAtMs, times.absentAtMs(path, directory?.id ?? 0));
  if (since !== 'ever') return absentAtMs >= since;
  return absentAtMs > Number.NEGATIVE_INFINITY || isWhole;
}

/** The last directory along a path that leads no further; undefined where something else is on the way. */
export function lastDirectory(tree: InodeReader, path: ByteString): InodeRecord | undefined {
  const place = walkPath(tree, path);
  const missing = place instanceof Place ? path : place[1];
  const above = walkPath(tree, parentPath(missing));
  return above instanceof Place ? above.inode : undefined;
}

/** Whether all entries of a directory in a mount are known. */
export function isListingKnown(
  times: SyncTimes,
  directory: InodeRecord,
  since: LookedSince,
): boolean {
  if (directory.mounted?.complete !== true) return false;
  return since === 'ever' || times.listedAtMs(directory.id) >= since;
}

/** The storage need not have it yet. */
function isBeingWritten({ type, mounted }: InodeRecord): boolean {
  return type === InodeType.File && mounted?.complete === false;
}
