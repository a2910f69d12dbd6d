import type { RpcFailure, WireValue } from '@raft-ts/net';

/** Every code of a StateMachineError. docs/sessions.md says what each means and what to do. */
export type StateMachineErrorCode =
  /** This member does not lead. */
  | 'NOT_LEADER'
  /** A queue is full; try again later. */
  | 'OVERLOADED'
  /** The command was proposed, and may take effect, or have taken effect, or never will. */
  | 'OUTCOME_UNKNOWN'
  /** The time was over before anything was done. */
  | 'DEADLINE_EXCEEDED'
  /** A request that has not the form of one. */
  | 'INVALID_REQUEST'
  /** The state machine does not know this command. */
  | 'INVALID_COMMAND'
  /** The state machine does not know this query. */
  | 'INVALID_QUERY'
  | 'COMMAND_TOO_LARGE'
  /** The state machine could not answer this query. */
  | 'QUERY_FAILED'
  /** No such session any more. The command was not carried out by this attempt. */
  | 'SESSION_EXPIRED'
  /** As many sessions are open as the cluster allows. */
  | 'SESSION_LIMIT'
  /** Too many bytes of results wait for this session's client to acknowledge them. */
  | 'SESSION_RESULTS_FULL'
  /** The client said before that it has the result of this command; it is not kept any more. */
  | 'SEQUENCE_ACKNOWLEDGED'
  /** Too far above the oldest command without an acknowledged result. */
  | 'SEQUENCE_BEYOND_WINDOW'
  /** No member that could serve was found, or this one does not serve yet. */
  | 'UNAVAILABLE'
  /** This member has stopped, or is about to. */
  | 'STOPPED'
  /** The caller's signal was aborted; `cause` is its reason. */
  | 'ABORTED'
  | 'CLIENT_CLOSED'
  /** The other side's answer is not one that this version understands. */
  | 'ANSWER_INVALID'
  | 'OPTIONS_INVALID'
  /** The sessions kept beside the machine's state can't be read. */
  | 'SESSIONS_CORRUPT';

/** 'definite': nothing was changed. 'unknown': the change may have taken effect, or still may. */
export type Outcome = 'definite' | 'unknown';

export interface StateMachineErrorOptions {
  readonly cause?: unknown;
  /** 'definite' by default. */
  readonly outcome?: Outcome;
}

/** The one error class of this package: match on `code`, which never changes its meaning. */
export class StateMachineError extends Error {
  override readonly name = 'StateMachineError';
  readonly code: StateMachineErrorCode;
  readonly outcome: Outcome;

  constructor(
    code: StateMachineErrorCode,
    message: string,
    options: StateMachineErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.outcome = options.outcome ?? 'definite';
  }
}

/** What a client is told, with the outcome where `outcomeIn` looks for it. */
export function failure(
  code: StateMachineErrorCode,
  message: string,
  outcome: Outcome = 'definite',
  leader?: string,
): RpcFailure {
  return { code, message, details: leader === undefined ? { outcome } : { outcome, leader } };
}

/** The outcome that a failure's details tell; what tells none may have taken effect. */
export function outcomeIn(details: WireValue): Outcome {
  const told = typeof details === 'object' && details !== null && 'outcome' in details;
  return told && details.outcome === 'definite' ? 'definite' : 'unknown';
}
