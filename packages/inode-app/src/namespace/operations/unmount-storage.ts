import { FLAG, PATH } from '../message-form.js';
import { ROOT_EDGE } from '../tree/edge.js';
import { failure } from '../tree/failure.js';
import { ROOT_PATH } from '../tree/path.js';
import { Place, rootOf, walkPath } from '../tree/path-walk.js';
import { deleteInode } from './delete.js';
import { defineOperation } from './operation.js';

const FIELDS = {
  path: PATH,
  /** Also while changes are under way in the storage, whose outcome nobody will know then. */
  force: FLAG,
};

/**
 * Takes a mount out of the tree, with its directory and what is known of the storage, in which nothing changes; the id
 * of the mount. The root stays, and has to be empty but for other mounts.
 */
export const unmountStorage = defineOperation('unmount', 10, FIELDS, {
  paths: ({ path }) => [path],
  apply(store, { path, force }, timeMs) {
    const { mounts } = store;
    const mount = mounts.at(path);
    if (mount === undefined) return failure('NOT_MOUNTED', path);
    const within = path === ROOT_PATH ? undefined : mounts.below(path);
    if (within !== undefined) return failure('MOUNT_POINT', within.path);
    const intents = [...mounts.intents.values()].filter((intent) => intent.mount === mount.id);
    if (intents.length > 0 && !force) return failure('LOCKED', path);
    const place = walkPath(store, path);
    if (!(place instanceof Place)) return place;
    if (path === ROOT_PATH) {
      const root = rootOf(store);
      if (root.children > mounts.size - 1) return failure('DIRECTORY_NOT_EMPTY', path);
      store.put(ROOT_EDGE, { ...root, mounted: undefined });
      mounts.countEntry(mount.id, -1);
    } else {
      const gone = deleteInode.apply(store, { kind: 'delete', path, recursive: true }, timeMs);
      if (typeof gone !== 'number') return gone;
    }
    for (const intent of intents) mounts.end(intent, failure('MOUNT_GONE', intent.path));
    mounts.drop(mount);
    return mount.id;
  },
});
