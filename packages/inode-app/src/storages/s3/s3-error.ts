import { StorageError, type StorageErrorCode } from '../storage-error.js';

/** By the name that the server gives, where the status alone does not say. */
const CODES_BY_NAME: Readonly<Record<string, StorageErrorCode>> = {
  AuthorizationHeaderMalformed: 'INVALID',
  PermanentRedirect: 'INVALID',
  InvalidBucketName: 'INVALID',
  CredentialsProviderError: 'FORBIDDEN',
  ExpiredToken: 'FORBIDDEN',
  InvalidToken: 'FORBIDDEN',
  TokenRefreshRequired: 'FORBIDDEN',
  SlowDown: 'BUSY',
  Throttling: 'BUSY',
  ThrottlingException: 'BUSY',
  RequestLimitExceeded: 'BUSY',
  QuotaExceeded: 'FULL',
  XMinioStorageFull: 'FULL',
  // The server waited in vain for the rest of a request.
  RequestTimeout: 'UNREACHABLE',
  InternalError: 'FAILED',
};

const CODES_BY_STATUS: Readonly<Record<number, StorageErrorCode>> = {
  301: 'INVALID',
  307: 'INVALID',
  401: 'FORBIDDEN',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  408: 'UNREACHABLE',
  409: 'BUSY',
  412: 'BUSY',
  429: 'BUSY',
  502: 'UNREACHABLE',
  503: 'BUSY',
  504: 'UNREACHABLE',
  501: 'UNSUPPORTED',
  507: 'FULL',
};

interface Failure {
  readonly name: string;
  readonly status: number | undefined;
}

/** The name and HTTP status of an answer that is an error; no status where there was no answer. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { name: 'unknown', status: undefined };
  const { name, code, $metadata } = error as Error & {
    readonly code?: unknown;
    readonly $metadata?: { readonly httpStatusCode?: number };
  };
  const status = $metadata?.httpStatusCode;
  return { name: status === undefined && typeof code === 'string' ? code : name, status };
}

/**
 * What an error of the SDK means. A bucket that is missing is NOT_FOUND, as a directory that is not mounted is. The
 * message has the server's name of the error and nothing else of it, and there is no cause: both may hold what was signed.
 */
export function s3Error(error: unknown, request: string, key: string): StorageError {
  if (error instanceof StorageError) return error;
  const { name, status } = failureOf(error);
  const answer = status === undefined ? name : `${name} (${status})`;
  const code = CODES_BY_NAME[name] ?? codeOfStatus(status);
  return new StorageError(code, `${request} of ${JSON.stringify(key)}: ${answer}${advice(code)}`);
}

/** What one key in a batch was answered. */
export function s3KeyError(name: string, request: string, key: string): StorageError {
  const isRefused = name === 'AccessDenied';
  const code = isRefused ? 'FORBIDDEN' : (CODES_BY_NAME[name] ?? 'FAILED');
  return new StorageError(code, `${request} of ${JSON.stringify(key)}: ${name}`);
}

function codeOfStatus(status: number | undefined): StorageErrorCode {
  // None, or one that says yes with something else than what it should have been.
  if (status === undefined || status < 300) return 'UNREACHABLE';
  const fallback = status >= 500 ? 'FAILED' : 'UNSUPPORTED';
  return CODES_BY_STATUS[status] ?? fallback;
}

function advice(code: StorageErrorCode): string {
  return code === 'INVALID' ? '; check bucket, region and endpoint' : '';
}
