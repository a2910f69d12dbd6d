import { RaftError } from '../../errors.js';
import { databaseError } from '../../rocksdb/database-error.js';
import { meansDiskFull } from '../../rocksdb/disk-space.js';

export function corrupt(directory: string, what: string, cause?: unknown): RaftError {
  return new RaftError(
    'LOG_CORRUPT',
    `the log in ${directory} is damaged: ${what}. This member must not take part until it has ` +
      'been rebuilt from the others, for it may have lost entries or a vote that they count on. ' +
      'Keep the directory to find out what damaged it.',
    { cause },
  );
}

export function writeFailed(directory: string, reason: string): RaftError {
  const full = meansDiskFull(reason);
  return new RaftError(
    full ? 'LOG_FULL' : 'LOG_WRITE_FAILED',
    `the log in ${directory} can't be written any more: ${reason}. ` +
      (full ? 'The disk is full (ENOSPC): make room, then open the log again. ' : '') +
      'Writes that were under way may or may not be found again.',
  );
}

/** What went wrong while a log was opened, in the log's own codes. */
export function openingError(directory: string, cause: unknown): unknown {
  if (cause instanceof Error && 'syscall' in cause) {
    return openingError(
      directory,
      databaseError(`data directory ${directory} can't be used`, cause),
    );
  }
  if (!(cause instanceof RaftError)) return cause;
  if (cause.code === 'DATABASE_LOCKED') {
    return new RaftError(
      'LOG_LOCKED',
      `data directory ${directory} is in use by another process, or this one. Stop that first, or ` +
        'choose another directory.',
      { cause },
    );
  }
  // The threads of the log pass on text, without a code.
  const told = cause.code === 'DATABASE_FAILED' && meansDiskFull(cause.message);
  if (told || cause.code === 'DATABASE_FULL') {
    return new RaftError('LOG_FULL', cause.message, { cause });
  }
  return cause.code === 'DATABASE_CORRUPT' ? corrupt(directory, cause.message, cause) : cause;
}
