import { StateMachineError } from '@raft-ts/statemachine';
import { InodeAppError, type InodeAppErrorCode } from '../errors.js';

/** Codes of the framework that mean something else than that the cluster does not answer. */
const CODES: Readonly<Record<string, InodeAppErrorCode>> = {
  ABORTED: 'ABORTED',
  CLIENT_CLOSED: 'CLIENT_CLOSED',
  ANSWER_INVALID: 'ANSWER_INVALID',
  COMMAND_TOO_LARGE: 'ARGUMENT_INVALID',
  INVALID_REQUEST: 'ARGUMENT_INVALID',
  INVALID_COMMAND: 'ARGUMENT_INVALID',
  INVALID_QUERY: 'ARGUMENT_INVALID',
  OPTIONS_INVALID: 'ARGUMENT_INVALID',
  QUERY_FAILED: 'MEMBER_FAILED',
  CHANGE_UNDER_WAY: 'CHANGE_UNDER_WAY',
  CHANGE_INVALID: 'CHANGE_INVALID',
  MEMBER_NOT_CAUGHT_UP: 'MEMBER_NOT_CAUGHT_UP',
  MAJORITY_AT_RISK: 'MAJORITY_AT_RISK',
  MEMBER_UNREACHABLE: 'MEMBER_UNREACHABLE',
  TRANSFER_FAILED: 'TRANSFER_FAILED',
};

/** What the framework's client reports, in this package's terms. */
export function connectionError(error: unknown): unknown {
  if (!(error instanceof StateMachineError)) return error;
  const { message, outcome } = error;
  const otherwise = outcome === 'unknown' ? 'OUTCOME_UNKNOWN' : 'UNAVAILABLE';
  return new InodeAppError(CODES[error.code] ?? otherwise, message, { cause: error, outcome });
}
