import { isRaftError } from 'raft-ts';
import { InodeAppError } from '../errors.js';

/** Whether `error` says that what is stored of the tree is damaged: not what was asked for, nor the disk. */
export function isTreeDamage(error: unknown): error is Error {
  if (isRaftError(error, 'DATABASE_CORRUPT')) return true;
  return error instanceof InodeAppError && error.code === 'DATA_CORRUPT';
}
