import { isNetError } from '@raft-ts/net';
import { StateMachineError } from '@raft-ts/statemachine';
import { isRaftError, RaftError } from 'raft-ts';
import { isDiskFull, isOutOfFiles } from 'raft-ts/rocksdb';
import { displayMessage } from '../display-names.js';
import { InodeAppError, type InodeAppErrorCode } from '../errors.js';

/** What a step of the start uses. */
export interface StepSubject {
  readonly kind: 'data' | 'client address' | 'member address' | 'http address';
  /** The directory or address. */
  readonly name: string;
}

const WHOM: Readonly<Record<StepSubject['kind'], string>> = {
  data: 'for members',
  'client address': 'for clients',
  'member address': 'for members',
  'http address': 'for HTTP',
};

const CODES: Readonly<Record<string, InodeAppErrorCode>> = {
  LOG_LOCKED: 'DATA_LOCKED',
  DATABASE_LOCKED: 'DATA_LOCKED',
  LOG_FOREIGN: 'DATA_FOREIGN',
  LOG_CORRUPT: 'DATA_CORRUPT',
  LOG_CONTRADICTED: 'DATA_CONTRADICTED',
  DATABASE_CORRUPT: 'DATA_CORRUPT',
  SNAPSHOT_FOREIGN: 'DATA_FOREIGN',
  STATE_MISSING: 'DATA_CORRUPT',
  DATABASE_FAILED: 'DATA_UNWRITABLE',
  LOG_WRITE_FAILED: 'DATA_UNWRITABLE',
  OPTIONS_INVALID: 'ARGUMENT_INVALID',
};

const REBUILD = ' To rebuild it, start it with an empty directory and --rejoin.';

/** What keeps a member from starting, in this package's terms and in one line. */
export function startError(error: unknown, subject: StepSubject): InodeAppError {
  if (error instanceof InodeAppError) return error;
  const { kind, name } = subject;
  const options = { cause: error, path: name };
  if (isNetError(error, 'ADDRESS_UNUSABLE')) {
    const whom = WHOM[kind];
    const advice = error.message.includes('no such address') ? '; see --listen' : '';
    const message = `${displayMessage(error.message)} (${whom})${advice}`;
    return new InodeAppError('ADDRESS_UNUSABLE', message, options);
  }
  if (isDiskFull(error)) {
    const message = `${displayMessage(name)}: the disk is full (${rootReason(error)}): make room on it`;
    return new InodeAppError('DISK_FULL', message, options);
  }
  if (isOutOfFiles(error)) {
    const message = `${displayMessage(name)}: no more files can be opened (${rootReason(error)}): raise the limit (ulimit -n)`;
    return new InodeAppError('OPEN_FILES_TOO_FEW', message, options);
  }
  const code = error instanceof RaftError ? CODES[error.code] : undefined;
  if (code === 'DATA_UNWRITABLE') {
    const reason = rootReason(error).replace(/\.$/, '');
    const message = `${displayMessage(name)} cannot be used: ${reason}${help(reason)}`;
    return new InodeAppError(code, message, options);
  }
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof StateMachineError && error.code === 'STATE_DIVERGED') {
    return new InodeAppError('STATE_DIVERGED', `${message}.${REBUILD}`, options);
  }
  const told = isRaftError(error, 'LOG_CORRUPT')
    ? `${message.replace(/\.$/, '')}.${REBUILD}`
    : message;
  return new InodeAppError(code ?? 'MEMBER_FAILED', displayMessage(told), options);
}

/** What to do about what the operating system says, to us or to RocksDB. */
const HELP: readonly (readonly [reason: RegExp, help: string])[] = [
  [/EEXIST|ENOTDIR|Not a directory/, 'move away what is in the place of this directory'],
  [/ELOOP|Too many levels of symbolic links/, 'mend the symbolic link, which leads to itself'],
  [/ENOENT|No such file/, 'is a disk missing to which a symbolic link leads?'],
  [/EROFS|Read-only file system/, 'mount the file system for writing'],
  [/EACCES|EPERM|Permission denied/, 'give this user the right to write there'],
  [/EFBIG|File too large/, 'raise the limit on the size of files (ulimit -f)'],
  [/EIO|Input\/output error/, 'the disk fails: with another one, start it with --rejoin'],
];

function help(reason: string): string {
  const [, text] = HELP.find(([pattern]) => pattern.test(reason)) ?? [];
  return text === undefined ? '' : `; ${text}`;
}

/** The deepest cause says what the operating system had against it. */
function rootReason(error: unknown): string {
  let root = error;
  while (root instanceof Error && root.cause instanceof Error) root = root.cause;
  return displayMessage(root instanceof Error ? root.message : String(root));
}

/** Waits for a step of the start; its failure is told in this package's terms. */
export async function step<T>(subject: StepSubject, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw startError(error, subject);
  }
}
