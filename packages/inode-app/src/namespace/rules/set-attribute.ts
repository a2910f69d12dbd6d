import { attributesValid, withAttributes } from '../attributes.js';
import type { ByteString } from '../byte-string.js';
import type { InodeStore } from '../inode-store.js';
import type { NewAttributes, OperationResult } from '../operation.js';
import { failure, Place, walkPath } from '../path-walk.js';

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
