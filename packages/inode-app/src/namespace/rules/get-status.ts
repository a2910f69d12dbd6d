import type { ByteString } from '../byte-string.js';
import type { InodeRecord } from '../inode-record.js';
import type { InodeReader } from '../inode-store.js';
import { type Failure, failure, Place, walkPath } from '../path-walk.js';

/** The inode at a path. */
export function getStatus(store: InodeReader, path: ByteString): InodeRecord | Failure {
  const place = walkPath(store, path);
  if (!(place instanceof Place)) return place;
  return place.inode ?? failure('NOT_FOUND', path);
}
