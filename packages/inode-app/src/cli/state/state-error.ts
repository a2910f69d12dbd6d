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

/** What went wrong with a backup, a member's directory or a file, in this package's terms. */
export function stateError(error: unknown, path: string): unknown {
  if (error instanceof InodeAppError || !(error instanceof Error)) return error;
  const options = { cause: error, path };
  if (isRaftError(error, 'BACKUP_EXISTS')) {
    const message = `${path} is there already: name another file, or replace it with --force`;
    return new InodeAppError('BACKUP_EXISTS', displayMessage(message), options);
  }
  const same = SAME_CODES.find((code) => isRaftError(error, code));
  if (same !== undefined) {
    const about = same.startsWith('SNAPSHOT_') && !error.message.includes(path) ? `${path}: ` : '';
    return new InodeAppError(same, displayMessage(`${about}${error.message}`), options);
  }
  if (isDiskFull(error)) {
    const message = `${path}: the disk is full: make room on it, or name another place`;
    return new InodeAppError('DISK_FULL', displayMessage(message), options);
  }
  if (error instanceof RaftError) return startError(error, { kind: 'data', name: path });
  if (!('syscall' in error)) return error;
  const reason = error.message.replace(/, \w+( '.*)?$/s, '');
  return new InodeAppError('FILE_UNUSABLE', displayMessage(`${path}: ${reason}`), options);
}
