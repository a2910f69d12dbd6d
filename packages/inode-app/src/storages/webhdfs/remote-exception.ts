import type { StorageErrorCode } from '../storage-error.js';
import { isRecord } from './file-status.js';

/** A failure as Hadoop tells it. */
export interface RemoteException {
  /** Java's class, without its package. */
  readonly exception: string;
  readonly message: string;
}

/** Of an answer's JSON; undefined where it is none. */
export function remoteException(value: unknown): RemoteException | undefined {
  const told = isRecord(value) ? value.RemoteException : undefined;
  if (!isRecord(told) || typeof told.exception !== 'string') return undefined;
  const message = typeof told.message === 'string' ? told.message : '';
  return { exception: told.exception, message };
}

const CODES = new Map<string, StorageErrorCode>([
  ['FileNotFoundException', 'NOT_FOUND'],
  ['FileAlreadyExistsException', 'ALREADY_EXISTS'],
  ['ParentNotDirectoryException', 'NOT_A_DIRECTORY'],
  ['PathIsNotDirectoryException', 'NOT_A_DIRECTORY'],
  ['PathIsNotEmptyDirectoryException', 'NOT_EMPTY'],
  // Refused by who may do it, or by who they are.
  ['AccessControlException', 'FORBIDDEN'],
  ['AuthenticationException', 'FORBIDDEN'],
  ['AuthorizationException', 'FORBIDDEN'],
  ['InvalidToken', 'FORBIDDEN'],
  ['SecurityException', 'FORBIDDEN'],
  ['TraverseAccessControlException', 'FORBIDDEN'],
  // Refused before anything is done.
  ['HadoopIllegalArgumentException', 'UNSUPPORTED'],
  ['IllegalArgumentException', 'UNSUPPORTED'],
  ['InvalidPathException', 'UNSUPPORTED'],
  ['PathComponentTooLongException', 'UNSUPPORTED'],
  ['SnapshotException', 'UNSUPPORTED'],
  ['UnresolvedLinkException', 'UNSUPPORTED'],
  ['UnsupportedOperationException', 'UNSUPPORTED'],
  ['DSQuotaExceededException', 'FULL'],
  ['MaxDirectoryItemsExceededException', 'FULL'],
  ['NSQuotaExceededException', 'FULL'],
  ['QuotaByStorageTypeExceededException', 'FULL'],
  ['QuotaExceededException', 'FULL'],
  ['ObserverRetryOnActiveException', 'BUSY'],
  ['RetriableException', 'BUSY'],
  ['SafeModeException', 'BUSY'],
  ['StandbyException', 'BUSY'],
]);

/** What a rename refuses without a name of its own. */
const NAMELESS: readonly (readonly [RegExp, StorageErrorCode])[] = [
  // A file in the place of a directory, and the other way round.
  [/must both be directories$/, 'ALREADY_EXISTS'],
  [/can't be moved (from|into) (an )?encryption zone/, 'UNSUPPORTED'],
  // A Router's.
  [/no eligible destination in the same namespace was found/, 'UNSUPPORTED'],
];

/** What it means. One that is not known may have come after something was done. */
export function codeOfException({ exception, message }: RemoteException): StorageErrorCode {
  // Permissions are asked for along the path, and so it is them who meet a file on it.
  if (exception === 'AccessControlException' && message.endsWith('(is not a directory)')) {
    return 'NOT_A_DIRECTORY';
  }
  if (exception === 'IOException') {
    const [, code] = NAMELESS.find(([pattern]) => pattern.test(message)) ?? [];
    if (code !== undefined) return code;
  }
  return CODES.get(exception) ?? 'FAILED';
}

/** What an answer means that is not Hadoop's, but of something before it. */
export function codeOfStatus(status: number): StorageErrorCode {
  if (status === 401 || status === 403) return 'FORBIDDEN';
  if (status === 414 || status === 431) return 'UNSUPPORTED';
  if (status === 429 || status === 503) return 'BUSY';
  if (status === 500) return 'FAILED';
  // 404 among them: where no WebHDFS answers, nothing is known of what it holds.
  return 'UNREACHABLE';
}
