import { attributesValid, withAttributes } from '../tree/attributes.js';
import type { ByteString } from '../tree/byte-string.js';
import type { InodeStore } from '../tree/inode-store.js';
import { failure, Place, walkPath } from '../tree/path-walk.js';
import type { NewAttributes, OperationResult } from './operation.js';

/** Changes the attributes that are given, of an inode of any type, the root included. */
export function setAttribute(
  store: InodeStore,
  path: ByteString,
  attributes: NewAttributes,
  timeMs: number,
): OperationResult {
  if (!attributesValid(attributes)) return failure('ATTRIBUTE_INVALID', path);
  const place = walkPath(store, path);
  if (!(place instanceof Place)) return place;
  if (place.inode === undefined) return failure('NOT_FOUND', path);
  store.put(place.edge, withAttributes(place.inode, attributes, timeMs));
  return place.inode.id;
}
