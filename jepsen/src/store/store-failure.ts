import { JepsenError } from '../errors.js';

/** What went wrong with a file or directory of the store, as a JepsenError that says what to do. */
export function storeFailure(what: string, error: unknown): JepsenError {
  if (error instanceof JepsenError) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const advice = 'make room, remove tests from the store, or name another place with --store';
    return new JepsenError('STORE_FAILED', `${what}: the disk is full; ${advice}`);
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new JepsenError('STORE_FAILED', `${what}: ${reason}`);
}
