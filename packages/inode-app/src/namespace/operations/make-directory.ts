import {
  attributesValid,
  type InodeDefaults,
  NO_ATTRIBUTES,
  newInode,
} from '../tree/attributes.js';
import type { ByteString } from '../tree/byte-string.js';
import { edgeKey, ROOT_EDGE } from '../tree/edge.js';
import { InodeType } from '../tree/inode.js';
import type { InodeRecord } from '../tree/inode-record.js';
import type { InodeStore } from '../tree/inode-store.js';
import { pathFault, pathNames } from '../tree/path.js';
import { failure, rootOf } from '../tree/path-walk.js';
import { addEntry, addInode } from './add-entry.js';
import type { NewAttributes, OperationResult } from './operation.js';

const DIRECTORY: InodeDefaults = { type: InodeType.Directory, mode: 0o755, size: 0, target: '' };

/**
 * Makes a directory. With `parents` it makes the missing ones above it too, which get the owner
 * and group that are given but no other attribute, and leaves a directory that exists as it is.
 */
export function makeDirectory(
  store: InodeStore,
  path: ByteString,
  parents: boolean,
  attributes: NewAttributes,
  timeMs: number,
): OperationResult {
  return parents
    ? makeDirectories(store, path, attributes, timeMs)
    : addEntry(store, path, DIRECTORY, attributes, timeMs);
}

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
      return failure('NOT_A_DIRECTORY', `/${names.slice(0, depth + 1).join('/')}`);
    }
    parentEdge = edge;
    parent = inode;
  }
  return parent.id;
}

/** Makes a chain of directories below one that exists; the id of the last. */
function addDirectories(
  store: InodeStore,
  topEdge: string,
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
    addInode(store, edge, inode, parentEdge, parent, timeMs);
    parentEdge = edge;
    parent = inode;
  }
  return parent.id;
}
