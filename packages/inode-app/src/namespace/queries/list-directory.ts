import type { ByteString } from '../tree/byte-string.js';
import { InodeType } from '../tree/inode.js';
import type { InodeRecord } from '../tree/inode-record.js';
import type { InodeReader } from '../tree/inode-store.js';
import { type Failure, failure } from '../tree/path-walk.js';
import { getStatus } from './get-status.js';

/** The directory that a listing is about. */
export function listedDirectory(store: InodeReader, path: ByteString): InodeRecord | Failure {
  const found = getStatus(store, path);
  if (!('id' in found) || found.type === InodeType.Directory) return found;
  return failure('NOT_A_DIRECTORY', path);
}
