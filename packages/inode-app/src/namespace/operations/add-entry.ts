import {
  attributesValid,
  type InodeDefaults,
  type NewAttributes,
  newInode,
} from '../tree/attributes.js';
import type { ByteString } from '../tree/byte-string.js';
import { failure } from '../tree/failure.js';
import { type InodeRecord, withChildren } from '../tree/inode-record.js';
import type { InodeStore } from '../tree/inode-store.js';
import { Place, walkPath } from '../tree/path-walk.js';
import type { OperationResult } from './result.js';

/** Puts a new inode where none is, in a directory that exists; its id. */
export function addInode(
  store: InodeStore,
  place: Pick<Place, 'edge' | 'parentEdge'>,
  parent: InodeRecord,
  inode: InodeRecord,
  timeMs: number,
): number {
  store.put(place.parentEdge, withChildren(parent, 1, timeMs));
  store.put(place.edge, inode);
  store.locate(inode.id, place.edge);
  store.count(inode, 1);
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
  return addInode(store, place, place.parent, inode, timeMs);
}
