import { isRaftError } from '../../errors.js';

/** What is wrong with a log, in words. The caller adds what to do about it. */
export class LogDamage extends Error {
  override readonly name = 'LogDamage';
}

/** Whether `error` says that something is wrong with what is stored, not with storing. */
export function isDamage(error: unknown): boolean {
  return error instanceof LogDamage || isRaftError(error, 'DATABASE_CORRUPT');
}
