import { StateMachineError } from '@raft-ts/statemachine';
import { isRaftError } from 'raft-ts';
import { InodeAppError } from '../errors.js';

/** Whether `error` says that what is stored of the tree is damaged: not what was asked for, nor the disk. */
export function isTreeDamage(error: unknown): error is Error {
  if (isRaftError(error, 'DATABASE_CORRUPT')) return true;
  return error instanceof InodeAppError && error.code === 'DATA_CORRUPT';
}

/** The same of all that is stored with it: sessions are, and hashes of its state. */
export function isStoredDamage(error: unknown): error is Error {
  return (
    isTreeDamage(error) || (error instanceof StateMachineError && error.code === 'SESSIONS_CORRUPT')
  );
}
