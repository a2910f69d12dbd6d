import { constants } from 'node:os';
import { StorageError, type StorageErrorCode } from '../storage-error.js';

const CODES: Readonly<Record<string, StorageErrorCode>> = {
  ENOENT: 'NOT_FOUND',
  ENOTDIR: 'NOT_A_DIRECTORY',
  ELOOP: 'NOT_A_DIRECTORY',
  EISDIR: 'IS_A_DIRECTORY',
  EEXIST: 'ALREADY_EXISTS',
  ENOTEMPTY: 'NOT_EMPTY',
  EACCES: 'FORBIDDEN',
  EPERM: 'FORBIDDEN',
  EROFS: 'FORBIDDEN',
  ENAMETOOLONG: 'UNSUPPORTED',
  EILSEQ: 'UNSUPPORTED',
  EINVAL: 'UNSUPPORTED',
  EXDEV: 'UNSUPPORTED',
  ENOSYS: 'UNSUPPORTED',
  ENOTSUP: 'UNSUPPORTED',
  EOPNOTSUPP: 'UNSUPPORTED',
  ENOSPC: 'FULL',
  EDQUOT: 'FULL',
  EMLINK: 'FULL',
  EMFILE: 'BUSY',
  ENFILE: 'BUSY',
  ENOMEM: 'BUSY',
  EAGAIN: 'BUSY',
  EBUSY: 'BUSY',
  ESTALE: 'UNREACHABLE',
  ETIMEDOUT: 'UNREACHABLE',
  EHOSTDOWN: 'UNREACHABLE',
  EHOSTUNREACH: 'UNREACHABLE',
  ENETDOWN: 'UNREACHABLE',
  ENETUNREACH: 'UNREACHABLE',
  ECONNREFUSED: 'UNREACHABLE',
  ECONNRESET: 'UNREACHABLE',
  ECONNABORTED: 'UNREACHABLE',
  ENOTCONN: 'UNREACHABLE',
  ENODEV: 'UNREACHABLE',
  ENXIO: 'UNREACHABLE',
};

/** By number, for those that Node itself has no name of: ESTALE, EDQUOT. */
const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.errno).map(([name, number]) => [number, name]),
);

/** The operating system's name of an error, where it is one of its own. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('errno' in error)) return undefined;
  const { code, errno } = error as NodeJS.ErrnoException;
  return code !== undefined && /^E[A-Z0-9]+$/.test(code)
    ? code
    : NAMES.get(Math.abs(Number(errno)));
}

/** What a failed call on a path means. What is no error of the operating system is given back as it is. */
export function localError(error: unknown, path: string): unknown {
  const name = systemCode(error);
  if (name === undefined) return error;
  const call = (error as NodeJS.ErrnoException).syscall ?? 'a call';
  return localFailure(CODES[name] ?? 'FAILED', path, `${call} says ${name}`, error);
}

export function localFailure(
  code: StorageErrorCode,
  path: string,
  problem: string,
  cause?: unknown,
): StorageError {
  const where = path === '' ? 'The place itself' : JSON.stringify(path);
  return new StorageError(code, `${where}: ${problem}`, { cause });
}
