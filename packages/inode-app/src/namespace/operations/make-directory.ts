import { FLAG, OPTIONAL_ATTRIBUTES, PATH } from '../message-form.js';
import { NO_CHANGE } from '../mounts/intent.js';
import {
  attributesValid,
  DIRECTORY,
  givesAny,
  type NewAttributes,
  NO_ATTRIBUTES,
  newInode,
} from '../tree/attributes.js';
import type { ByteString } from '../tree/byte-string.js';
import { type EdgeKey, edgeKey, ROOT_EDGE } from '../tree/edge.js';
import { failure } from '../tree/failure.js';
import { InodeType } from '../tree/inode.js';
import type { InodeRecord } from '../tree/inode-record.js';
import type { InodeStore } from '../tree/inode-store.js';
import { childPath, pathFault, pathNames, ROOT_PATH } from '../tree/path.js';
import { rootOf } from '../tree/path-walk.js';
import { addEntry, addInode } from './add-entry.js';
import { defineOperation } from './operation.js';
import type { OperationResult } from './result.js';

const FIELDS = {
  path: PATH,
  /** Makes missing parents too, and is content with a directory that exists. */
  parents: FLAG,
  attributes: OPTIONAL_ATTRIBUTES,
};

/**
 * Makes a directory. With `parents` it makes the missing ones above it too, which get the owner
 * and group that are given but no other attribute, and leaves a directory that exists as it is.
 */
export const makeDirectory = defineOperation('mkdir', 1, FIELDS, {
  paths: ({ path }) => [path],
  intended: ({ path, parents, attributes }) =>
    givesAny(attributes) ? undefined : { ...NO_CHANGE, kind: 'mkdir', path, deep: parents },
  apply: (store, { path, parents, attributes }, timeMs) =>
    parents
      ? makeDirectories(store, path, attributes, timeMs)
      : addEntry(store, path, DIRECTORY, attributes, timeMs),
});

function makeDirectories(
  store: InodeStore,
  path: ByteString,
  attributes: NewAttributes,
  timeMs: number,
): OperationResult {
  if (!attributesValid(attributes)) return failure('ATTRIBUTE_INVALID', path);
  const fault = pathFault(path);
  if (fault !== undefined) return failure(fault, path);
  const names = pathNames(path);
  let parentEdge = ROOT_EDGE;
  let parent = rootOf(store);
  for (const [depth, name] of names.entries()) {
    const edge = edgeKey(parent.id, name);
    const inode = store.get(edge);
    if (inode === undefined) {
      const missing = names.slice(depth);
      if (store.idsLeft < missing.length) return failure('IDS_EXHAUSTED', path);
      return addDirectories(store, parentEdge, parent, missing, attributes, timeMs);
    }
    if (inode.type !== InodeType.Directory) {
      if (depth === names.length - 1) return failure('ALREADY_EXISTS', path);
      return failure(
        'NOT_A_DIRECTORY',
        names.slice(0, depth + 1).reduce((above, each) => childPath(above, each), ROOT_PATH),
      );
    }
    parentEdge = edge;
    parent = inode;
  }
  return parent.id;
}

/** Makes a chain of directories below one that exists; the id of the last. */
function addDirectories(
  store: InodeStore,
  topEdge: EdgeKey,
  top: InodeRecord,
  names: readonly ByteString[],
  attributes: NewAttributes,
  timeMs: number,
): number {
  const { owner, group } = attributes;
  const between: NewAttributes = { ...NO_ATTRIBUTES, owner, group };
  let parentEdge = topEdge;
  let parent = top;
  for (const [position, name] of names.entries()) {
    const given = position === names.length - 1 ? attributes : between;
    const inode = newInode(store.takeId(), DIRECTORY, given, timeMs);
    const edge = edgeKey(parent.id, name);
    addInode(store, { edge, parentEdge }, parent, inode, timeMs);
    parentEdge = edge;
    parent = inode;
  }
  return parent.id;
}
