import { isNetError, NetError, type RpcFailure } from '@raft-ts/net';
import { type Outcome, outcomeIn, type StateMachineErrorCode } from '../errors.js';

/** What follows from an attempt that failed. */
export type NextStep =
  /** Another member leads, or this one does not serve. */
  | 'find-leader'
  | 'retry-now'
  | 'retry-later'
  /** Only in another session, if at all. */
  | 'new-session'
  | 'reject';

export interface AttemptFailure {
  readonly step: NextStep;
  /** Whether this attempt may have taken effect. */
  readonly outcome: Outcome;
  readonly code: StateMachineErrorCode;
  readonly message: string;
}

const STEPS = {
  NOT_LEADER: 'find-leader',
  UNAVAILABLE: 'find-leader',
  STOPPED: 'find-leader',
  OUTCOME_UNKNOWN: 'find-leader',
  DEADLINE_EXCEEDED: 'retry-now',
  OVERLOADED: 'retry-later',
  SESSION_LIMIT: 'retry-later',
  SESSION_RESULTS_FULL: 'retry-later',
  SEQUENCE_BEYOND_WINDOW: 'retry-later',
  SESSION_EXPIRED: 'new-session',
  INVALID_REQUEST: 'reject',
  INVALID_COMMAND: 'reject',
  INVALID_QUERY: 'reject',
  COMMAND_TOO_LARGE: 'reject',
  QUERY_FAILED: 'reject',
  SEQUENCE_ACKNOWLEDGED: 'reject',
} as const satisfies Partial<Record<StateMachineErrorCode, NextStep>>;

/**
 * Judges what `RpcConnection.request` rejected with. While the connection is open, what was not
 * sent found no room there.
 */
export function attemptFailure(error: unknown, connectionOpen = false): AttemptFailure {
  if (isNetError(error, 'RPC_FAILED')) return toldFailure(error.details);
  if (!(error instanceof NetError)) return unclear(error);
  const { message } = error;
  switch (error.code) {
    case 'RPC_NOT_SENT':
      if (connectionOpen) {
        return { step: 'retry-later', outcome: 'definite', code: 'OVERLOADED', message };
      }
      return { step: 'find-leader', outcome: 'definite', code: 'UNAVAILABLE', message };
    case 'RPC_DISCONNECTED':
      return { step: 'find-leader', outcome: 'unknown', code: 'UNAVAILABLE', message };
    case 'RPC_TOO_LARGE':
      return { step: 'reject', outcome: 'definite', code: 'COMMAND_TOO_LARGE', message };
    case 'MESSAGE_INVALID':
      return { step: 'reject', outcome: 'definite', code: 'INVALID_REQUEST', message };
    default:
      return unclear(error);
  }
}

function toldFailure({ code, message, details }: RpcFailure): AttemptFailure {
  if (!isKnown(code)) {
    const told = `the member answered with the unknown error ${code}: ${message}`;
    return { step: 'reject', outcome: 'unknown', code: 'ANSWER_INVALID', message: told };
  }
  return { step: STEPS[code], outcome: outcomeIn(details), code, message };
}

function isKnown(code: string): code is keyof typeof STEPS {
  return Object.hasOwn(STEPS, code);
}

function unclear(error: unknown): AttemptFailure {
  const message = error instanceof Error ? error.message : String(error);
  return { step: 'find-leader', outcome: 'unknown', code: 'UNAVAILABLE', message };
}
