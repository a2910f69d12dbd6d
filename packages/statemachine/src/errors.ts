import type { RpcFailure, WireValue } from '@raft-ts/net';

const CODES = {
  /** This member does not lead. */
  NOT_LEADER: true,
  /** A queue is full; try again later. */
  OVERLOADED: true,
  /** The command was proposed, and may take effect, or have taken effect, or never will. */
  OUTCOME_UNKNOWN: true,
  /** The time was over before anything was done. */
  DEADLINE_EXCEEDED: true,
  /** A request that has not the form of one. */
  INVALID_REQUEST: true,
  /** The state machine does not know this command. */
  INVALID_COMMAND: true,
  /** The state machine does not know this query. */
  INVALID_QUERY: true,
  COMMAND_TOO_LARGE: true,
  /** What belongs to this command outside of the log failed, before it was proposed. */
  COMMAND_FAILED: true,
  /** The same refused it: between member and client, which gives the answer that comes along to its caller. */
  COMMAND_REFUSED: true,
  /** The state machine could not answer this query. */
  QUERY_FAILED: true,
  /** No such session any more. The command was not carried out by this attempt. */
  SESSION_EXPIRED: true,
  /** As many sessions are open as the cluster allows. */
  SESSION_LIMIT: true,
  /** Too many bytes of results wait for this session's client to acknowledge them. */
  SESSION_RESULTS_FULL: true,
  /** The client said before that it has the result of this command; it is not kept any more. */
  SEQUENCE_ACKNOWLEDGED: true,
  /** Too far above the oldest command without an acknowledged result. */
  SEQUENCE_BEYOND_WINDOW: true,
  /** No member that could serve was found, or this one does not serve yet. */
  UNAVAILABLE: true,
  /** This member has stopped, or is about to. */
  STOPPED: true,
  /** A change of the membership, or a transfer of the lead, is not over yet; try again then. */
  CHANGE_UNDER_WAY: true,
  /** The change makes no sense for the membership as it is; the text says why. */
  CHANGE_INVALID: true,
  /** Who is to vote, or to lead, lacks too many entries still. */
  MEMBER_NOT_CAUGHT_UP: true,
  /** Most of the voters that would be left are silent, or not up to date. */
  MAJORITY_AT_RISK: true,
  /** Nobody answers at the addresses given for a member, or somebody else does. */
  MEMBER_UNREACHABLE: true,
  /** Who was to lead did not take over within an election timeout. */
  TRANSFER_FAILED: true,
  /** The caller's signal was aborted; `cause` is its reason. */
  ABORTED: true,
  CLIENT_CLOSED: true,
  /** The other side's answer is not one that this version understands. */
  ANSWER_INVALID: true,
  OPTIONS_INVALID: true,
  /** A snapshot that was installed holds not all that belongs to the state. */
  SNAPSHOT_INCOMPLETE: true,
  /** A member holds another state than most of them: it has stopped, and must not serve. */
  STATE_DIVERGED: true,
  /** The sessions kept beside the machine's state can't be read. */
  SESSIONS_CORRUPT: true,
} as const;

/** Every code of a StateMachineError. docs/sessions.md says what each means and what to do. */
export type StateMachineErrorCode = keyof typeof CODES;

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

/** Options that do not fit, in the words of `completeOptions`. */
export function optionsInvalid(message: string): StateMachineError {
  return new StateMachineError('OPTIONS_INVALID', message);
}

/** An error as a client is told it; `leader` is where the member that leads is reached. */
export function failure(
  code: StateMachineErrorCode,
  message: string,
  outcome: Outcome = 'definite',
  leader?: string,
): RpcFailure {
  return { code, message, details: leader === undefined ? { outcome } : { outcome, leader } };
}

/** What a member told, as the error it was; what this version does not know is ANSWER_INVALID. */
export function parseFailure({ code, message, details }: RpcFailure): StateMachineError {
  if (isCode(code)) return new StateMachineError(code, message, { outcome: outcomeIn(details) });
  const told = `the member answered with the unknown error ${code}: ${message}`;
  return new StateMachineError('ANSWER_INVALID', told, { outcome: 'unknown' });
}

function isCode(code: string): code is StateMachineErrorCode {
  return Object.hasOwn(CODES, code);
}

/** What tells no outcome may have taken effect. */
function outcomeIn(details: WireValue): Outcome {
  const told = typeof details === 'object' && details !== null && 'outcome' in details;
  return told && details.outcome === 'definite' ? 'definite' : 'unknown';
}
