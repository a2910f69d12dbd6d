import { MAX_INODE_ID } from '../limits.js';
import { wholeNumber } from '../message-form.js';
import { isFailure } from '../tree/failure.js';
import type { PathAndInode } from '../tree/inode-store.js';
import { encodeStatus, parseStatus } from '../tree/status-codec.js';
import { wireArray, wireBytes } from '../wire-fields.js';
import { defineQuery } from './query.js';

const FIELDS = { id: wholeNumber(1, MAX_INODE_ID) };

/** The inode with an id, and its path now. */
export const getStatusById = defineQuery('getStatusById', 3, FIELDS, {
  paths: () => [],
  async answer(store, { id }, signal) {
    const found = await store.locateInode(id, signal);
    return isFailure(found) ? found : [encodeStatus(found.inode), found.path];
  },
  parseAnswer(_query, answer): PathAndInode {
    const [status, path] = wireArray(answer, 2, 2, 'an answer to getStatusById');
    return { inode: parseStatus(status), path: wireBytes(path, 'path') };
  },
});
