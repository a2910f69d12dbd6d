import { RaftError } from '../errors.js';
import { hasCode, messageOf } from './caught-error.js';
import { meansDiskFull } from './disk-space.js';

/** What RocksDB says where there is no file, or something else, in the place of a file of its own. */
const NO_FILE = [
  'No such file or directory',
  'Is a directory',
  'Not a directory',
  'Too many levels of symbolic links',
];

/** What the binding or the file system reported, as one of this package's errors. */
export function databaseError(what: string, cause: unknown): RaftError {
  if (cause instanceof RaftError) return cause;
  if (hasCode(cause, 'LEVEL_LOCKED')) {
    return new RaftError(
      'DATABASE_LOCKED',
      `${what}: another process, or this one, has it open. Stop that first.`,
      { cause },
    );
  }
  if (hasCode(cause, 'LEVEL_CORRUPTION')) return databaseCorrupt(what, cause);
  const reason = messageOf(cause);
  if (meansDiskFull(reason)) {
    const message = `${what}: ${reason} (ENOSPC). The disk is full: make room, then start again.`;
    return new RaftError('DATABASE_FULL', message, { cause });
  }
  return new RaftError('DATABASE_FAILED', `${what}: ${reason}${hint(cause, reason)}`, { cause });
}

/**
 * The same for opening a database whose directory is there, and for reading it: a file that is
 * missing is one that it had.
 */
export function readingError(what: string, cause: unknown): RaftError {
  const reported = hasCode(cause, 'LEVEL_IO_ERROR') || hasCode(cause, 'LEVEL_LOCKED');
  const lacksFile = reported && NO_FILE.some((text) => messageOf(cause).includes(text));
  return lacksFile ? databaseCorrupt(what, cause) : databaseError(what, cause);
}

function databaseCorrupt(what: string, cause: unknown): RaftError {
  return new RaftError('DATABASE_CORRUPT', `${what}: ${messageOf(cause)}`, { cause });
}

function hint(cause: unknown, reason: string): string {
  if (hasCode(cause, 'EACCES') || reason.includes('Permission denied')) {
    return '. Give this user the right to write there, or choose another directory.';
  }
  return '';
}
