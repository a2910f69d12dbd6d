import { MAX_SYNC_CHANGES } from '../limits.js';
import { FLAG, PATH } from '../message-form.js';
import type { Mount } from '../mounts/mount.js';
import type { MountState } from '../mounts/mount-state.js';
import type { ByteString } from '../tree/byte-string.js';
import { edgeKey, ROOT_EDGE } from '../tree/edge.js';
import { type Failure, failure } from '../tree/failure.js';
import { ROOT_ID } from '../tree/inode.js';
import type { InodeStore } from '../tree/inode-store.js';
import { childPath, parentPath, ROOT_PATH } from '../tree/path.js';
import { Place, rootOf, walkPath } from '../tree/path-walk.js';
import { cutOff } from './cut-off.js';
import { deleteInode } from './delete.js';
import { defineOperation } from './operation.js';

const FIELDS = {
  path: PATH,
  /** Also while changes are under way in the storage, whose outcome nobody will know then. */
  force: FLAG,
};

/**
 * Takes a mount out of the tree, with its directory and what is known of the storage, in which nothing changes; the id
 * of the mount. The root itself stays, with the mounts in it; of it so much goes in one step that the next may have to
 * be asked for: SYNC_UNDER_WAY says so.
 */
export const unmountStorage = defineOperation('unmount', 10, FIELDS, {
  paths: ({ path }) => [path],
  alone: true,
  apply(store, { path, force }, timeMs) {
    const { mounts } = store;
    const mount = mounts.at(path);
    if (mount === undefined) return failure('NOT_MOUNTED', path);
    const within = mountWithin(mounts, path);
    if (within !== undefined) return failure('MOUNT_POINT', within.path);
    const intents = [...mounts.intents.values()].filter((intent) => intent.mount === mount.id);
    if (intents.length > 0 && !force) return failure('LOCKED', path);
    for (const intent of intents) mounts.end(intent, failure('MOUNT_GONE', intent.path));
    const refusal = path === ROOT_PATH ? leaveRoot(store, mount) : takeOut(store, path, timeMs);
    if (refusal !== undefined) return refusal;
    mounts.drop(mount);
    return mount.id;
  },
});

/** A mount below that would be lost; those directly in the root stay there, with all in them. */
function mountWithin(mounts: MountState, path: ByteString): Mount | undefined {
  if (path !== ROOT_PATH) return mounts.below(path);
  for (const mount of mounts.all()) {
    const above = parentPath(mount.path);
    if (above !== ROOT_PATH && mounts.of(above)?.path === ROOT_PATH) return mount;
  }
  return undefined;
}

function takeOut(store: InodeStore, path: ByteString, timeMs: number): Failure | undefined {
  const gone = deleteInode.apply(store, { kind: 'delete', path, recursive: true }, timeMs);
  if (typeof gone !== 'number') return gone;
  doubtListing(store, parentPath(path));
  return undefined;
}

/** What the storage above has of the same name was passed by: not all that is in it is known any more. */
function doubtListing(store: InodeStore, path: ByteString): void {
  const place = walkPath(store, path);
  if (!(place instanceof Place) || place.inode === undefined) return;
  const { edge, inode } = place;
  const { mounted } = inode;
  if (mounted !== undefined)
    store.put(edge, { ...inode, mounted: { ...mounted, complete: false } });
}

/** The root can't be cut off: what is in it goes in steps. */
function leaveRoot(store: InodeStore, mount: Mount): Failure | undefined {
  const { mounts } = store;
  const mountsThere = [...mounts.all()].filter(({ path }) => isInRoot(path)).length;
  let gone = 0;
  for (const { name, inode } of store.firstEntries(ROOT_ID, MAX_SYNC_CHANGES + mountsThere)) {
    if (gone === MAX_SYNC_CHANGES) break;
    if (mounts.at(childPath(ROOT_PATH, name)) !== undefined) continue;
    cutOff(store, edgeKey(ROOT_ID, name), inode);
    gone += 1;
  }
  const root = rootOf(store);
  const children = root.children - gone;
  const left = children - mountsThere;
  if (left === 0) {
    store.put(ROOT_EDGE, { ...root, children, mounted: undefined });
    mounts.countEntry(mount.id, -1);
    return undefined;
  }
  // What is not known any more must not count as known.
  const mounted = root.mounted && { ...root.mounted, complete: false };
  store.put(ROOT_EDGE, { ...root, children, mounted });
  return failure('SYNC_UNDER_WAY', ROOT_PATH, `${left} entries have to go first: ask again`);
}

function isInRoot(path: ByteString): boolean {
  return path !== ROOT_PATH && parentPath(path) === ROOT_PATH;
}
