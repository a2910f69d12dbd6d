import { MAX_MOUNTS } from '../limits.js';
import { FLAG, PATH } from '../message-form.js';
import { encodeMount, type Mount, placesOverlap } from '../mounts/mount.js';
import { OPTIONS, PROFILE, SYNC_INTERVAL, URI } from '../mounts/mount-fields.js';
import { DIRECTORY, NO_ATTRIBUTES, newInode } from '../tree/attributes.js';
import { NO_BYTES } from '../tree/byte-string.js';
import { failure } from '../tree/failure.js';
import { InodeType, type Mounted } from '../tree/inode.js';
import type { InodeRecord } from '../tree/inode-record.js';
import type { InodeStore } from '../tree/inode-store.js';
import { parentPath, ROOT_PATH } from '../tree/path.js';
import { Place, walkPath } from '../tree/path-walk.js';
import { addInode } from './add-entry.js';
import { defineOperation } from './operation.js';

const FIELDS = {
  path: PATH,
  /** As its driver writes it. */
  uri: URI,
  /** What the URI names; see `Mount.place`. */
  place: URI,
  profile: PROFILE,
  readOnly: FLAG,
  shared: FLAG,
  syncIntervalMs: SYNC_INTERVAL,
  options: OPTIONS,
};

/**
 * Makes a directory a place in another storage system; the id of the mount. Nothing is there before, or an empty
 * directory. Nothing of the storage is in the tree at first.
 */
export const mountStorage = defineOperation('mount', 9, FIELDS, {
  paths: ({ path }) => [path],
  alone: true,
  apply(store, { kind: _kind, ...given }, timeMs) {
    const { mounts } = store;
    const { path } = given;
    const found = walkPath(store, path);
    if (!(found instanceof Place)) return found;
    const known = mounts.at(path);
    if (known !== undefined) {
      return isSame(known, given) ? known.id : failure('MOUNT_POINT', path);
    }
    if (mounts.holdsWrite(found.edge) || mounts.holdsAlong(path)) return failure('LOCKED', path);
    const { inode } = found;
    if (inode !== undefined && !isFree(store, inode, given)) return failure('ALREADY_EXISTS', path);
    if (mounts.size >= MAX_MOUNTS) return failure('MOUNT_BUSY', path, `${MAX_MOUNTS} are mounted`);
    if (store.idsLeft < 2) return failure('IDS_EXHAUSTED', path);
    if (!given.shared) {
      for (const other of mounts.all()) {
        if (placesOverlap(other.place, given.place)) return failure('MOUNT_OVERLAPS', other.path);
      }
    }
    const mount: Mount = { ...given, id: store.takeId(), intervals: [] };
    mounts.put(mount);
    const mounted: Mounted = { mount: mount.id, complete: false, fingerprint: NO_BYTES };
    if (inode === undefined && found.parent !== undefined) {
      const made = newInode(store.takeId(), DIRECTORY, NO_ATTRIBUTES, timeMs, mounted);
      addInode(store, found, found.parent, made, timeMs);
    } else if (inode !== undefined) {
      store.put(found.edge, { ...inode, mounted });
      mounts.countEntry(mount.id, 1);
    }
    return mount.id;
  },
});

/** Whether all is as it is asked for. */
function isSame(known: Mount, given: Partial<Mount>): boolean {
  const asked = encodeMount({ ...known, ...given });
  return JSON.stringify(asked) === JSON.stringify(encodeMount(known));
}

/** Whether a directory that exists can become a mount: nothing but mounts is in it, and no storage has it already. */
function isFree(
  { mounts }: InodeStore,
  inode: InodeRecord,
  { path }: Pick<Mount, 'path'>,
): boolean {
  if (inode.type !== InodeType.Directory || inode.mounted !== undefined) return false;
  let mountsWithin = 0;
  for (const mount of mounts.all()) {
    if (mount.path !== ROOT_PATH && parentPath(mount.path) === path) mountsWithin += 1;
  }
  return inode.children === mountsWithin;
}
