import type { Entry, MemberId } from './entry.js';

interface Addressed {
  readonly from: MemberId;
  readonly to: MemberId;
  readonly term: number;
}

/** A candidate asks for a vote; with `preVote`, whether it would get one (Raft thesis, 9.6). */
export interface VoteRequest extends Addressed {
  readonly type: 'vote';
  readonly preVote: boolean;
  readonly lastIndex: number;
  readonly lastTerm: number;
}

export interface VoteResponse extends Addressed {
  readonly type: 'vote-response';
  readonly preVote: boolean;
  readonly granted: boolean;
}

/** AppendEntries (Raft paper, figure 2). Without entries it carries a new commit index or probes. */
export interface AppendRequest extends Addressed {
  readonly type: 'append';
  readonly prevIndex: number;
  readonly prevTerm: number;
  readonly commit: number;
  readonly entries: readonly Entry[];
}

/**
 * `index`: accepted: the log up to here matches the leader's and is durable.
 * Rejected: the `prevIndex` that was refused; the hint says where the logs may agree.
 */
export interface AppendResponse extends Addressed {
  readonly type: 'append-response';
  readonly index: number;
  readonly rejected: boolean;
  /** Last index at or below the refused one whose term is at most the refused one's. */
  readonly hintIndex: number;
  readonly hintTerm: number;
}

/** Keeps the leadership and confirms it: a member echoes `round`, which ReadIndex counts. */
export interface Heartbeat extends Addressed {
  readonly type: 'heartbeat';
  /** Never above what the receiver is known to match. */
  readonly commit: number;
  readonly round: number;
}

export interface HeartbeatResponse extends Addressed {
  readonly type: 'heartbeat-response';
  readonly round: number;
}

/** Everything that members say to each other. */
export type Message =
  | VoteRequest
  | VoteResponse
  | AppendRequest
  | AppendResponse
  | Heartbeat
  | HeartbeatResponse;
