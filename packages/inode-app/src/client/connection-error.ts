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
};

/** What the framework's client reports, in this package's terms. */
export function connectionError(error: unknown): unknown {
  if (!(error instanceof StateMachineError)) return error;
  const known = CODES[error.code];
  if (error.outcome === 'unknown') {
    return new InodeAppError(known ?? 'OUTCOME_UNKNOWN', `${error.message}`, {
      cause: error,
      outcome: 'unknown',
    });
  }
  return new InodeAppError(known ?? 'UNAVAILABLE', error.message, { cause: error });
}
