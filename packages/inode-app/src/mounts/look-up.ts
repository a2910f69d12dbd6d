import { displayBytes } from '../display-names.js';
import { type FoundEntry, isAsFound } from '../namespace/mounts/found-entry.js';
import type { Mount } from '../namespace/mounts/mount.js';
import type { ByteString } from '../namespace/tree/byte-string.js';
import { edgeKey } from '../namespace/tree/edge.js';
import { failure } from '../namespace/tree/failure.js';
import { InodeType } from '../namespace/tree/inode.js';
import type { InodeRecord } from '../namespace/tree/inode-record.js';
import { lastName, parentPath } from '../namespace/tree/path.js';
import { Place, walkPath } from '../namespace/tree/path-walk.js';
import { lastDirectory } from './freshness-of.js';
import { type LookParts, LookRefused, proposeChanges } from './look-parts.js';
import { statInStorage } from './stat-in-storage.js';
import { foundEntry, pathInStorage } from './storage-terms.js';

/**
 * Looks for one path in its storage and lets the tree have what was found there: the entry, and directories that lead
 * to it, or as far as they lead; or that it, and what leads to it, has gone. Rejects with StorageError and LookRefused.
 */
export async function lookUp(parts: LookParts, mount: Mount, path: ByteString): Promise<void> {
  const startedMs = parts.clock.monotonicMs();
  const { ended } = parts.tree().mounts;
  const found = await findInStorage(parts, mount, path);
  await parts.tree().prefetch([path], parts.signal);
  if (found === undefined && inodeAt(parts, path) !== undefined) {
    await noteGone(parts, mount, path, ended);
  } else await noteFound(parts, mount, path, found, ended);
  const inode = inodeAt(parts, path);
  // Also where an operation under way keeps it from being so: it is not over yet.
  const missedIn = lastDirectory(parts.tree(), path);
  if (inode === undefined) parts.times.absent(path, missedIn?.id ?? 0, startedMs);
  else parts.times.entryChecked(inode.id, startedMs);
}

function inodeAt(parts: LookParts, path: ByteString): InodeRecord | undefined {
  const place = walkPath(parts.tree(), path);
  return place instanceof Place ? place.inode : undefined;
}

async function findInStorage(
  { access, signal, skipped }: LookParts,
  mount: Mount,
  path: ByteString,
): Promise<FoundEntry | undefined> {
  const called = pathInStorage(mount, path);
  const to = access(mount);
  // What it can't hold is not there.
  if ((await to.opened({ signal })).pathFault(called) !== undefined) return undefined;
  const entry = await statInStorage(to, called, { signal });
  if (entry === undefined) return undefined;
  const found = foundEntry(entry);
  if (typeof found !== 'string') return found;
  skipped(mount, `${displayBytes(lastName(path))} in ${displayBytes(parentPath(path))}: ${found}`);
  return undefined;
}

/** Has the tree follow the storage along a path from above, as far as that leads: one question for each level that is new. */
async function noteFound(
  parts: LookParts,
  mount: Mount,
  path: ByteString,
  last: FoundEntry | undefined,
  ended: number,
): Promise<void> {
  for (const level of levelsBelow(mount, path)) {
    const directory = directoryAt(parts, parentPath(level));
    const inode = parts.tree().get(edgeKey(directory.id, lastName(level)));
    const isLast = level === path;
    if (!isLast && inode?.type === InodeType.Directory) continue;
    const found = isLast ? last : await findInStorage(parts, mount, level);
    if (!isSame(inode, found)) {
      const at = { path: parentPath(level), id: directory.id, ended };
      const change = { name: lastName(level), had: inode?.id ?? 0, found };
      await proposeChanges(parts, at, [change], false);
    }
    if (found?.type !== InodeType.Directory) return;
  }
}

function isSame(inode: InodeRecord | undefined, found: FoundEntry | undefined): boolean {
  if (inode === undefined || found === undefined) return inode === found;
  return isAsFound(inode, found);
}

/** Paths from below the mount's directory to a path in it. */
function levelsBelow(mount: Mount, path: ByteString): readonly ByteString[] {
  const levels: ByteString[] = [];
  for (let level = path; level !== mount.path; level = parentPath(level)) levels.unshift(level);
  return levels;
}

/** Rejects with LookRefused where it is none, or none any more. */
function directoryAt(parts: LookParts, path: ByteString): InodeRecord {
  const place = walkPath(parts.tree(), path);
  if (!(place instanceof Place)) throw new LookRefused(place);
  if (place.inode?.type === InodeType.Directory) return place.inode;
  throw new LookRefused(failure(place.inode === undefined ? 'NOT_FOUND' : 'NOT_A_DIRECTORY', path));
}

async function noteGone(
  parts: LookParts,
  mount: Mount,
  path: ByteString,
  ended: number,
): Promise<void> {
  if (path === mount.path) return;
  let gone = path;
  while (parentPath(gone) !== mount.path) {
    if ((await findInStorage(parts, mount, parentPath(gone))) !== undefined) break;
    gone = parentPath(gone);
  }
  const directory = directoryAt(parts, parentPath(gone));
  const inode = parts.tree().get(edgeKey(directory.id, lastName(gone)));
  if (inode === undefined) return;
  const change = { name: lastName(gone), had: inode.id, found: undefined };
  await proposeChanges(parts, { path: parentPath(gone), id: directory.id, ended }, [change], false);
}
