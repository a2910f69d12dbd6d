import { RaftError, type RaftErrorCode } from '../../errors.js';
import { messageOf } from '../../rocksdb/caught-error.js';

const PASSED_ON = [
  'DATABASE_CORRUPT',
  'DATABASE_FAILED',
  'DATABASE_FULL',
  'DATABASE_LOCKED',
  'SNAPSHOT_DAMAGED',
  'SNAPSHOT_FAILED',
  'SNAPSHOT_FOREIGN',
] as const satisfies readonly RaftErrorCode[];

/** What a thread of a snapshot could not do, as it tells it. */
export interface ThreadFailure {
  readonly code: (typeof PASSED_ON)[number];
  readonly message: string;
}

export function failureOf(error: unknown): ThreadFailure {
  const code = error instanceof RaftError ? error.code : undefined;
  const passed = PASSED_ON.find((known) => known === code);
  return { code: passed ?? 'SNAPSHOT_FAILED', message: messageOf(error) };
}

export function errorOf({ code, message }: ThreadFailure): RaftError {
  return new RaftError(code, message);
}
