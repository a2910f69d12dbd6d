import { attributesValid, type InodeDefaults, newInode } from '../tree/attributes.js';
import type { ByteString } from '../tree/byte-string.js';
import type { EdgeKey } from '../tree/edge.js';
import { InodeType } from '../tree/inode.js';
import { type InodeRecord, withChildren } from '../tree/inode-record.js';
import type { InodeStore } from '../tree/inode-store.js';
import { failure, Place, walkPath } from '../tree/path-walk.js';
import type { NewAttributes, OperationResult } from './operation.js';

const FILE: InodeDefaults = { type: InodeType.File, mode: 0o644, size: 0, target: '' };

/** Puts a new inode at a free edge of `parent`; its id. */
export function addInode(
  store: InodeStore,
  edge: EdgeKey,
  inode: InodeRecord,
  parentEdge: EdgeKey,
  parent: InodeRecord,
  timeMs: number,
): number {
  store.put(parentEdge, withChildren(parent, 1, timeMs));
  store.put(edge, inode);
  store.locate(inode.id, edge);
  store.count(inode.type, 1);
  return inode.id;
}

/** Makes one inode in a directory that exists, over nothing. */
export function addEntry(
  store: InodeStore,
  path: ByteString,
  defaults: InodeDefaults,
  attributes: NewAttributes,
  timeMs: number,
): OperationResult {
  if (!attributesValid(attributes)) return failure('ATTRIBUTE_INVALID', path);
  const place = walkPath(store, path);
  if (!(place instanceof Place)) return place;
  if (place.inode !== undefined || place.parent === undefined) {
    return failure('ALREADY_EXISTS', path);
  }
  if (store.idsLeft < 1) return failure('IDS_EXHAUSTED', path);
  const inode = newInode(store.takeId(), defaults, attributes, timeMs);
  return addInode(store, place.edge, inode, place.parentEdge, place.parent, timeMs);
}

/** Makes a file. */
export function createFile(
  store: InodeStore,
  path: ByteString,
  attributes: NewAttributes,
  timeMs: number,
): OperationResult {
  return addEntry(store, path, FILE, attributes, timeMs);
}
