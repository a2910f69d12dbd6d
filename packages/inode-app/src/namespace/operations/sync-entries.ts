import { MAX_SYNC_CHANGES } from '../limits.js';
import { FLAG, internal, PATH, WHOLE } from '../message-form.js';
import {
  encodeFound,
  type FoundEntry,
  foundFault,
  inodeOf,
  isEntryName,
  parseFound,
  withFound,
} from '../mounts/found-entry.js';
import type { ByteString } from '../tree/byte-string.js';
import { type EdgeKey, edgeKey } from '../tree/edge.js';
import { failure } from '../tree/failure.js';
import { InodeType } from '../tree/inode.js';
import { type InodeRecord, withChildren } from '../tree/inode-record.js';
import type { InodeStore } from '../tree/inode-store.js';
import { childPath, pathFault, pathNames } from '../tree/path.js';
import { Place, rootOf, walkPath } from '../tree/path-walk.js';
import { wireArray, wireBytes, wireInteger } from '../wire-fields.js';
import { cutOff } from './cut-off.js';
import { defineOperation } from './operation.js';

/** What a look into the storage found of one entry. */
export interface SyncChange {
  readonly name: ByteString;
  /** The inode that the tree had there when it was compared; 0: none. Where another one is now, nothing changes. */
  readonly had: number;
  /** What is there; undefined: nothing any more. */
  readonly found: FoundEntry | undefined;
}

const FIELDS = {
  /** Of a directory in a mount. */
  path: PATH,
  /** Its inode, as it was when the storage was asked. */
  directory: WHOLE,
  epoch: WHOLE,
  /** Intents that had ended when the storage was asked: what others have changed since then is not looked at. */
  ended: WHOLE,
  changes: internal<readonly SyncChange[]>(
    (wire, what) => wireArray(wire, 0, MAX_SYNC_CHANGES, what).map(parseChange),
    (changes) =>
      changes.map(({ name, had, found }) => [
        name,
        had,
        found === undefined ? null : encodeFound(found),
      ]),
  ),
  /** All entries of the directory are in the tree with this step. */
  complete: FLAG,
};

function parseChange(value: unknown): SyncChange {
  const [name, had, found] = wireArray(value, 3, 3, 'a change');
  return {
    name: wireBytes(name, 'name'),
    had: wireInteger(had, 0, Number.MAX_SAFE_INTEGER, 'had'),
    found: found === null ? undefined : parseFound(found),
  };
}

/**
 * Lets a directory of a mount have what was found in its storage; how many entries changed. What an intent holds is left
 * to that, what was changed otherwise since the storage was asked to the next look.
 */
export const syncEntries = defineOperation('syncEntries', 15, FIELDS, {
  paths: ({ path, changes }) => [path, ...changes.map(({ name }) => childPath(path, name))],
  apply(store, { path, directory: id, epoch, ended, changes, complete }, timeMs) {
    const { mounts } = store;
    if (epoch !== mounts.epoch || !mounts.knowsEndedSince(ended)) {
      return failure('STEP_OVERTAKEN', path);
    }
    const place = walkPath(store, path);
    if (!(place instanceof Place)) return place;
    const directory = place.inode;
    const mount = mounts.of(path);
    if (directory?.id !== id || directory.mounted === undefined || mount === undefined) {
      return failure('STEP_OVERTAKEN', path);
    }
    if (directory.type !== InodeType.Directory) return failure('NOT_A_DIRECTORY', path);
    if (changedAlong(store, path, ended)) return failure('STEP_OVERTAKEN', path);
    if (mounts.holdsAlong(path)) return failure('LOCKED', path);
    let changed = 0;
    for (const change of changes) {
      if (
        applyChange(store, { path, edge: place.edge, id, mount: mount.id, ended }, change, timeMs)
      ) {
        changed += 1;
      }
    }
    if (complete && !directory.mounted.complete) {
      const now = store.get(place.edge) ?? directory;
      const { mounted } = directory;
      store.put(place.edge, { ...now, mounted: { ...mounted, complete } });
    }
    return changed;
  },
});

interface SyncedDirectory {
  readonly path: ByteString;
  readonly edge: EdgeKey;
  readonly id: number;
  readonly mount: number;
  readonly ended: number;
}

/** Whether what leads to a directory was made, moved or removed since: what was found may be of another one. */
function changedAlong(store: InodeStore, path: ByteString, since: number): boolean {
  if (since >= store.mounts.ended) return false;
  let inode: InodeRecord | undefined = rootOf(store);
  for (const name of pathNames(path)) {
    if (inode === undefined) return false;
    const edge = edgeKey(inode.id, name);
    if (store.mounts.endedSince(since, edge)) return true;
    inode = store.get(edge);
  }
  return false;
}

function applyChange(
  store: InodeStore,
  directory: SyncedDirectory,
  { name, had, found }: SyncChange,
  timeMs: number,
): boolean {
  if (!isEntryName(name) || pathFault(childPath(directory.path, name)) !== undefined) return false;
  if (found !== undefined && foundFault(found) !== undefined) return false;
  const edge = edgeKey(directory.id, name);
  if (store.mounts.holds(edge) || store.mounts.endedSince(directory.ended, edge)) return false;
  const inode = store.get(edge);
  if ((inode?.id ?? 0) !== had || isPassedBy(store, directory, name, inode)) return false;
  if (inode !== undefined && inode.type === found?.type) {
    store.put(edge, withFound(inode, found, directory.mount));
    return true;
  }
  if (inode !== undefined) takeOut(store, directory, edge, inode);
  if (found === undefined) return inode !== undefined;
  if (store.idsLeft < 1) return false;
  putIn(store, directory, edge, inodeOf(store.takeId(), found, directory.mount, timeMs));
  return true;
}

/** What is not the storage's: a mount, or what leads to one, and a file that is being written. */
function isPassedBy(
  { mounts }: InodeStore,
  { path }: SyncedDirectory,
  name: ByteString,
  inode: InodeRecord | undefined,
): boolean {
  const at = childPath(path, name);
  if (mounts.at(at) !== undefined) return true;
  if (inode === undefined) return false;
  if (inode.type === InodeType.Directory) return mounts.below(at) !== undefined;
  return inode.mounted?.complete === false;
}

function takeOut(
  store: InodeStore,
  directory: SyncedDirectory,
  edge: EdgeKey,
  inode: InodeRecord,
): void {
  countChild(store, directory, -1);
  cutOff(store, edge, inode);
}

function putIn(
  store: InodeStore,
  directory: SyncedDirectory,
  edge: EdgeKey,
  inode: InodeRecord,
): void {
  countChild(store, directory, 1);
  store.put(edge, inode);
  store.locate(inode.id, edge);
  store.count(inode, 1);
}

/** When it was modified, the storage says. */
function countChild(store: InodeStore, { edge }: SyncedDirectory, change: -1 | 1): void {
  const now = store.get(edge);
  if (now !== undefined) store.put(edge, withChildren(now, change, now.modifiedMs));
}
