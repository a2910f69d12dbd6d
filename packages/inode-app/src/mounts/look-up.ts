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
 * to it; or that it, and what leads to it, has gone. Rejects with StorageError and LookRefused.
 */
export async function lookUp(parts: LookParts, mount: Mount, path: ByteString): Promise<void> {
  const startedMs = parts.clock.monotonicMs();
  const { ended } = parts.tree().mounts;
  const found = await findInStorage(parts, mount, path);
  await parts.tree().prefetch([path], parts.signal);
  if (found === undefined) await noteGone(parts, mount, path, ended);
  else await noteFound(parts, mount, path, found, ended);
  const place = walkPath(parts.tree(), path);
  const inode = place instanceof Place ? place.inode : undefined;
  // Also where an operation under way keeps it from being so: it is not over yet.
  const missedIn = lastDirectory(parts.tree(), path);
  if (inode === undefined) parts.times.absent(path, missedIn?.id ?? 0, startedMs);
  else parts.times.entryChecked(inode.id, startedMs);
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

async function noteFound(
  parts: LookParts,
  mount: Mount,
  path: ByteString,
  last: FoundEntry,
  ended: number,
): Promise<void> {
  for (const level of levelsBelow(mount, path)) {
    const directory = directoryAt(parts, parentPath(level));
    const inode = parts.tree().get(edgeKey(directory.id, lastName(level)));
    const isLast = level === path;
    if (!isLast && inode?.type === InodeType.Directory) continue;
    const found = isLast ? last : await findInStorage(parts, mount, level);
    // What leads there can't be in the tree: nor can the path.
    if (found === undefined) return;
    if (inode !== undefined && isAsFound(inode, found)) continue;
    const change = { name: lastName(level), had: inode?.id ?? 0, found };
    await proposeChanges(
      parts,
      { path: parentPath(level), id: directory.id, ended },
      [change],
      false,
    );
  }
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

/** Nothing is at a path to which the tree does not lead: it learns how far the storage does, where something may be made. */
async function noteWay(
  parts: LookParts,
  mount: Mount,
  path: ByteString,
  ended: number,
): Promise<void> {
  for (let above = parentPath(path); above !== mount.path; above = parentPath(above)) {
    const place = walkPath(parts.tree(), above);
    const inode = place instanceof Place ? place.inode : undefined;
    if (inode?.type === InodeType.Directory) return;
    const found = await findInStorage(parts, mount, above);
    if (found !== undefined) return await noteFound(parts, mount, above, found, ended);
    if (inode !== undefined) return await noteGone(parts, mount, above, ended);
  }
}

async function noteGone(
  parts: LookParts,
  mount: Mount,
  path: ByteString,
  ended: number,
): Promise<void> {
  const place = walkPath(parts.tree(), path);
  if (!(place instanceof Place)) return await noteWay(parts, mount, path, ended);
  if (place.inode === undefined || path === mount.path) return;
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
