import type { ByteString } from '../tree/byte-string.js';
import { type Failure, failure, isFailure } from '../tree/failure.js';
import type { Inode } from '../tree/inode.js';
import type { InodeRecord } from '../tree/inode-record.js';
import type { InodeReader } from '../tree/inode-store.js';
import { Place, walkPath } from '../tree/path-walk.js';
import { encodeStatus, parseStatus, type WireStatus } from '../tree/status-codec.js';
import { wireArray, wireBytes } from '../wire-fields.js';
import type { QueryDefinition } from './query.js';

export interface GetStatus {
  readonly kind: 'getStatus';
  readonly path: ByteString;
}

/** The inode at a path. */
export const getStatus: QueryDefinition<GetStatus, readonly [status: WireStatus], Inode> = {
  kind: 'getStatus',
  number: 1,
  encode: ({ path }) => [1, path],
  parse(wire) {
    const [, path] = wireArray(wire, 2, 2, 'a getStatus');
    return { kind: 'getStatus', path: wireBytes(path, 'path') };
  },
  paths: ({ path }) => [path],
  answer(store, { path }) {
    const found = inodeAt(store, path);
    return isFailure(found) ? found : [encodeStatus(found)];
  },
  parseAnswer(_query, answer) {
    const [status] = wireArray(answer, 1, 1, 'an answer to getStatus');
    return parseStatus(status);
  },
};

/** What is at a path. */
export function inodeAt(store: InodeReader, path: ByteString): InodeRecord | Failure {
  const place = walkPath(store, path);
  if (!(place instanceof Place)) return place;
  return place.inode ?? failure('NOT_FOUND', path);
}
