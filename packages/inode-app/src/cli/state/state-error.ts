import { tmpdir } from 'node:os';
import { isRaftError, RaftError } from 'raft-ts';
import { isDiskFull } from 'raft-ts/rocksdb';
import { displayMessage } from '../../display-names.js';
import { InodeAppError, type InodeAppErrorCode } from '../../errors.js';
import { startError } from '../../master/start-error.js';

const SAME_CODES = [
  'SNAPSHOT_DAMAGED',
  'SNAPSHOT_FOREIGN',
  'SNAPSHOT_FAILED',
  'RESTORE_REFUSED',
] as const satisfies readonly InodeAppErrorCode[];

/** What a command works with; the same path where it is the same thing. */
export interface StatePaths {
  /** A backup. */
  readonly file: string;
  /** A member's directory. */
  readonly data: string;
  /** Where the command writes. */
  readonly room: string;
}

/** Those of a command that reads a backup or a directory, or, where none is named, what it pulls into the scratch. */
export function lookedAt(path: string | undefined, scratch: string = tmpdir()): StatePaths {
  return { file: path ?? scratch, data: path ?? scratch, room: scratch };
}

/** What went wrong with a backup, a member's directory or a file, in this package's terms. */
export function stateError(told: unknown, { file, data, room }: StatePaths): unknown {
  const error = withoutDisposal(told);
  if (error instanceof InodeAppError || !(error instanceof Error)) return error;
  if (isRaftError(error, 'BACKUP_EXISTS')) {
    const message = `${file} is there already: name another file, or replace it with --force`;
    return failure('BACKUP_EXISTS', message, error, file);
  }
  const same = SAME_CODES.find((code) => isRaftError(error, code));
  if (same === 'RESTORE_REFUSED') return failure(same, error.message, error, data);
  if (same !== undefined) {
    const about = error.message.includes(file) ? '' : `${file}: `;
    return failure(same, `${about}${error.message}`, error, file);
  }
  if (isDiskFull(error)) {
    const message = `${room}: the disk is full: make room on it, or name another place`;
    return failure('DISK_FULL', message, error, room);
  }
  if (error instanceof RaftError) return startError(error, { kind: 'data', name: data });
  if (!('syscall' in error)) return error;
  const path = 'path' in error && typeof error.path === 'string' ? error.path : file;
  const reason = error.message.replace(/, \w+( '.*)?$/s, '');
  return failure('FILE_UNUSABLE', `${path}: ${reason}`, error, path);
}

/** What failed first, where closing failed, too, because of it: as `await using` tells both. */
function withoutDisposal(error: unknown): unknown {
  let first = error;
  while (first instanceof Error && 'suppressed' in first) first = first.suppressed;
  return first;
}

function failure(code: InodeAppErrorCode, message: string, cause: Error, path: string) {
  return new InodeAppError(code, displayMessage(message), { cause, path });
}
