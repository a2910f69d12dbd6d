import { MAX_INODE_ID } from '../limits.js';
import type { ByteString } from '../tree/byte-string.js';
import { isFailure } from '../tree/failure.js';
import type { Inode } from '../tree/inode.js';
import { encodeStatus, parseStatus, type WireStatus } from '../tree/status-codec.js';
import { wireArray, wireBytes, wireInteger } from '../wire-fields.js';
import type { QueryDefinition } from './query.js';

export interface GetStatusById {
  readonly kind: 'getStatusById';
  readonly id: number;
}

/** An inode with the path that leads to it. */
export interface PathAndInode {
  readonly path: ByteString;
  readonly inode: Inode;
}

/** The inode with an id, and its path now. */
export const getStatusById: QueryDefinition<
  GetStatusById,
  readonly [status: WireStatus, path: ByteString],
  PathAndInode
> = {
  kind: 'getStatusById',
  number: 3,
  encode: ({ id }) => [3, id],
  parse(wire) {
    const [, id] = wireArray(wire, 2, 2, 'a getStatusById');
    return { kind: 'getStatusById', id: wireInteger(id, 1, MAX_INODE_ID, 'id') };
  },
  paths: () => [],
  async answer(store, { id }, signal) {
    const found = await store.locateInode(id, signal);
    return isFailure(found) ? found : [encodeStatus(found.inode), found.path];
  },
  parseAnswer(_query, answer) {
    const [status, path] = wireArray(answer, 2, 2, 'an answer to getStatusById');
    return { inode: parseStatus(status), path: wireBytes(path, 'path') };
  },
};
