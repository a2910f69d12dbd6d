import { isNetError, NetError, type WireValue } from '@raft-ts/net';
import { parseFailure, StateMachineError, type StateMachineErrorCode } from '../../errors.js';

/** What follows from an attempt that failed. */
export type NextStep =
  /** Another member is the one to ask. */
  | 'other-member'
  | 'retry-now'
  | 'retry-later'
  /** Only in another session, if at all. */
  | 'new-session'
  | 'reject';

const STEPS: Partial<Record<StateMachineErrorCode, NextStep>> = {
  NOT_LEADER: 'other-member',
  UNAVAILABLE: 'other-member',
  STOPPED: 'other-member',
  OUTCOME_UNKNOWN: 'other-member',
  DEADLINE_EXCEEDED: 'retry-now',
  OVERLOADED: 'retry-later',
  CHANGE_UNDER_WAY: 'retry-later',
  SESSION_LIMIT: 'retry-later',
  SESSION_RESULTS_FULL: 'retry-later',
  SEQUENCE_BEYOND_WINDOW: 'retry-later',
  SESSION_EXPIRED: 'new-session',
};

export function nextStep(code: StateMachineErrorCode): NextStep {
  return STEPS[code] ?? 'reject';
}

/** What a member told beside its error: where the leader is, or the answer that a command was refused with. */
export function toldBeside(cause: unknown): { readonly [key: string]: WireValue } {
  const details = isNetError(cause, 'RPC_FAILED') ? cause.details.details : undefined;
  return isObject(details) ? details : {};
}

function isObject(value: WireValue): value is { readonly [key: string]: WireValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * What `RpcConnection.request` rejected with, as an error of this package. While the connection
 * is open, what was not sent found no room there.
 */
export function attemptError(cause: unknown, connectionOpen = false): StateMachineError {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (isNetError(cause, 'RPC_FAILED')) return parseFailure(cause.details);
  if (cause instanceof NetError) {
    switch (cause.code) {
      case 'RPC_NOT_SENT':
        return new StateMachineError(connectionOpen ? 'OVERLOADED' : 'UNAVAILABLE', message);
      case 'RPC_OVERLOADED':
        return new StateMachineError('OVERLOADED', message);
      case 'RPC_TOO_LARGE':
        return new StateMachineError('COMMAND_TOO_LARGE', message);
      case 'MESSAGE_INVALID':
        return new StateMachineError('INVALID_REQUEST', message);
    }
  }
  return new StateMachineError('UNAVAILABLE', message, { cause, outcome: 'unknown' });
}
