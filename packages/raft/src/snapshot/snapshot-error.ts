import { RaftError } from '../errors.js';

/** Bytes of a snapshot are not what was written. `at`: from its beginning, where that shows. */
export function damaged(what: string, at: number): RaftError {
  return new RaftError(
    'SNAPSHOT_DAMAGED',
    `the snapshot is damaged: ${what}, at byte ${at}. Take another copy of it, or make another one.`,
  );
}

/** A snapshot is whole, and not for whom it was given to. */
export function foreign(why: string): RaftError {
  return new RaftError('SNAPSHOT_FOREIGN', why);
}
