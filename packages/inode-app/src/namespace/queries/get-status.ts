import type { ByteString } from '../tree/byte-string.js';
import type { InodeRecord } from '../tree/inode-record.js';
import type { InodeReader } from '../tree/inode-store.js';
import { type Failure, failure, Place, walkPath } from '../tree/path-walk.js';

/** The inode at a path. */
export function getStatus(store: InodeReader, path: ByteString): InodeRecord | Failure {
  const place = walkPath(store, path);
  if (!(place instanceof Place)) return place;
  return place.inode ?? failure('NOT_FOUND', path);
}
