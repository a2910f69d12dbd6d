/** Codes of a StorageError. */
const CODES = {
  /** URI, options or credentials mean nothing. */
  INVALID: 'definite',
  /** There is no such entry. */
  NOT_FOUND: 'definite',
  /** Something is there already. */
  ALREADY_EXISTS: 'definite',
  NOT_A_DIRECTORY: 'definite',
  IS_A_DIRECTORY: 'definite',
  NOT_EMPTY: 'definite',
  /** The storage refuses: permissions, credentials (EACCES, 401, 403). */
  FORBIDDEN: 'definite',
  /** The storage can't hold that name, or can't do that. */
  UNSUPPORTED: 'definite',
  /** It has no room left, or a quota is used up. */
  FULL: 'definite',
  /** It asks for patience (429, 503 SlowDown, standby): nothing was done. */
  BUSY: 'definite',
  /** No answer, or a broken one: the request may have taken effect, or still may. */
  UNREACHABLE: 'unknown',
  /** It answered with a failure of its own (500): the request may have taken effect. */
  FAILED: 'unknown',
} as const;

export type StorageErrorCode = keyof typeof CODES;

/**
 * What a storage answered, or that it did not. A message says what was asked of whom and what came, in one line, and
 * never holds credentials or signed URLs.
 */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly code: StorageErrorCode;

  constructor(code: StorageErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
  }

  /** 'definite': nothing was changed by the request. */
  get outcome(): 'definite' | 'unknown' {
    return CODES[this.code];
  }
}
