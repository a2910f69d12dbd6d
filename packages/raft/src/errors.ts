import type { CodedErrorArguments, WithCode } from '@raft-ts/net';
import type { Rejected, TransferEndedEffect } from './core/effects.js';
import type { MemberId } from './core/log/entry.js';

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
  | 'SNAPSHOT_DAMAGED'
  | 'SNAPSHOT_FOREIGN'
  | 'BACKUP_EXISTS'
  | 'STATE_MISSING'
  | 'RECOVERY_REFUSED'
  | 'RESTORE_REFUSED'
  | 'REPLICA_STOPPED'
  | 'LOG_CORRUPT'
  | 'LOG_CONTRADICTED'
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

/** What errors carry in `details`, by their code; those of other codes carry nothing. */
export interface RaftErrorDetails {
  /** 0 when unknown. */
  readonly NOT_LEADER: { readonly leader: MemberId };
  readonly CHANGE_REFUSED: { readonly reason: Rejected['reason'] };
  readonly TRANSFER_REFUSED: { readonly reason: Rejected['reason'] };
  readonly TRANSFER_FAILED: { readonly outcome: Exclude<TransferEndedEffect['outcome'], 'done'> };
  /** Whose it is, or the format that this version does not read; as far as it is known. */
  readonly LOG_FOREIGN: {
    readonly clusterId?: string;
    readonly memberId?: MemberId;
    readonly format?: number;
  };
}

/** The one error class of this package: match on `code`, which never changes its meaning. */
export class RaftError extends Error {
  override readonly name = 'RaftError';
  readonly code: RaftErrorCode;
  readonly details: RaftErrorDetails[keyof RaftErrorDetails] | undefined;

  constructor(...[code, message, options]: CodedErrorArguments<RaftErrorCode, RaftErrorDetails>) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options !== undefined && 'details' in options ? options.details : undefined;
  }
}

/** Whether `error` is a RaftError with this code; its `details` have their type then. */
export function isRaftError<Code extends RaftErrorCode>(
  error: unknown,
  code: Code,
): error is WithCode<RaftError, Code, RaftErrorDetails> {
  return error instanceof RaftError && error.code === code;
}

/** Options that do not fit, in the words of `completeOptions`. */
export function optionsInvalid(message: string): RaftError {
  return new RaftError('OPTIONS_INVALID', message);
}
