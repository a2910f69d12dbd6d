import { PATH } from '../message-form.js';
import type { ByteString } from '../tree/byte-string.js';
import { type Failure, failure, isFailure } from '../tree/failure.js';
import type { InodeRecord } from '../tree/inode-record.js';
import type { InodeReader } from '../tree/inode-store.js';
import { Place, walkPath } from '../tree/path-walk.js';
import { encodeStatus, parseStatus } from '../tree/status-codec.js';
import { wireArray } from '../wire-fields.js';
import { FRESHNESS } from './freshness.js';
import { defineQuery } from './query.js';

/** The inode at a path. */
export const getStatus = defineQuery(
  'getStatus',
  1,
  { path: PATH, ...FRESHNESS },
  {
    paths: ({ path }) => [path],
    answer(store, { path }) {
      const found = inodeAt(store, path);
      return isFailure(found) ? found : [encodeStatus(found)];
    },
    parseAnswer(_query, answer) {
      const [status] = wireArray(answer, 1, 1, 'an answer to getStatus');
      return parseStatus(status);
    },
  },
);

/** What is at a path. */
export function inodeAt(store: InodeReader, path: ByteString): InodeRecord | Failure {
  const place = walkPath(store, path);
  if (!(place instanceof Place)) return place;
  return place.inode ?? failure('NOT_FOUND', path);
}
