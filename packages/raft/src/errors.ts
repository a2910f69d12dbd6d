/** Every code of a RaftError. docs/errors.md says what each means and what to do. */
export type RaftErrorCode =
  | 'OPTIONS_INVALID'
  | 'NOT_LEADER'
  | 'PROPOSAL_TOO_LARGE'
  | 'PROPOSALS_OVERLOADED'
  | 'READS_OVERLOADED'
  | 'LEADERSHIP_LOST'
  | 'CHANGE_REFUSED'
  | 'CHANGE_LOST'
  | 'OUTCOME_UNKNOWN'
  | 'TRANSFER_REFUSED'
  | 'TRANSFER_FAILED'
  | 'SNAPSHOT_FAILED'
  | 'RECOVERY_REFUSED'
  | 'REPLICA_STOPPED'
  | 'LOG_CORRUPT'
  | 'LOG_WRITE_FAILED'
  | 'LOG_FULL'
  | 'LOG_CLOSED'
  | 'LOG_LOCKED'
  | 'LOG_FOREIGN'
  | 'LOG_UNAVAILABLE'
  | 'DATABASE_FAILED'
  | 'DATABASE_FULL'
  | 'DATABASE_LOCKED'
  | 'DATABASE_CLOSED'
  | 'DATABASE_CORRUPT';

export interface RaftErrorOptions {
  readonly cause?: unknown;
  /** More for programs; what it holds depends on the code. */
  readonly details?: unknown;
}

/** The one error class of this package: match on `code`, which never changes its meaning. */
export class RaftError extends Error {
  override readonly name = 'RaftError';
  readonly code: RaftErrorCode;
  readonly details: unknown;

  constructor(code: RaftErrorCode, message: string, options: RaftErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details;
  }
}
