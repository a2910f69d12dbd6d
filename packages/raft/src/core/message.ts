import type { Entry, MemberId } from './log/entry.js';

interface Addressed {
  readonly from: MemberId;
  readonly to: MemberId;
  readonly term: number;
}

/** What who leads, or wants to, says with everything. */
export interface Knowing extends Addressed {
  /**
   * The sender's log says that the receiver has acknowledged more than what the cluster began with:
   * where the receiver holds no more than that, it has lost it. See recovery.ts.
   */
  readonly heard: boolean;
}

/** A candidate asks for a vote; with `preVote`, whether it would get one (Raft thesis, 9.6). */
export interface VoteRequest extends Knowing {
  readonly type: 'vote';
  readonly preVote: boolean;
  /** The leader asked it to campaign: having heard from one lately is no reason to refuse. */
  readonly transfer: boolean;
  readonly lastIndex: number;
  readonly lastTerm: number;
  /** Index and term of the last entry that the candidate knows to be committed; 0 for none. */
  readonly commit: number;
  readonly commitTerm: number;
}

export interface VoteResponse extends Addressed {
  readonly type: 'vote-response';
  readonly preVote: boolean;
  readonly granted: boolean;
  /** Index and term of the last entry that the answering member knows to be committed. */
  readonly commit: number;
  readonly commitTerm: number;
}

/** AppendEntries (Raft paper, figure 2). Without entries it carries a new commit index or probes. */
export interface AppendRequest extends Knowing {
  readonly type: 'append';
  readonly prevIndex: number;
  readonly prevTerm: number;
  readonly commit: number;
  readonly entries: readonly Entry[];
}

/**
 * `index`: accepted: the log up to here matches the leader's and is durable.
 * Rejected: the `prevIndex` that was refused; the hint says where the logs may agree. 0: nothing can
 * be taken in without the state that the log began with.
 */
export interface AppendResponse extends Addressed {
  readonly type: 'append-response';
  readonly index: number;
  readonly rejected: boolean;
  /** Last index at or below the refused one whose term is at most the refused one's. */
  readonly hintIndex: number;
  readonly hintTerm: number;
  /** The hard state's: 0, or what it asks to be brought up to date under. */
  readonly recovery: number;
}

/** Keeps the leadership and confirms it: a member echoes `round`, which reads and leases count. */
export interface Heartbeat extends Knowing {
  readonly type: 'heartbeat';
  /**
   * Never above what the receiver is known to match, or has to hold when it is recovered: where that
   * entry is not, something was lost.
   */
  readonly commit: number;
  /** The term of the entry at `commit`; 0 where the leader has compacted it away. */
  readonly commitTerm: number;
  readonly round: number;
  /** Nobody needs the entries up to here of another member; see held-by-all.ts. */
  readonly heldByAll: number;
}

export interface HeartbeatResponse extends Addressed {
  readonly type: 'heartbeat-response';
  readonly round: number;
  /** The hard state's: 0, or what it asks to be brought up to date under. */
  readonly recovery: number;
  /** Of the answering member, see RaftOptions. */
  readonly priority: number;
  /** Index and term of the last entry that the answering member knows to be committed. */
  readonly commit: number;
  readonly commitTerm: number;
}

/** Who may have a state. */
export interface SnapshotPeer {
  readonly member: MemberId;
  /** Its http endpoint, `host:port`. */
  readonly address: string;
}

/**
 * The leader no longer has the entries that the receiver lacks: it should fetch a state at `index`
 * or later (Raft paper, section 7). The state itself does not travel in messages.
 */
export interface SnapshotOffer extends Knowing {
  readonly type: 'snapshot-offer';
  readonly index: number;
  /** The term of the entry at `index`. */
  readonly indexTerm: number;
  /** Who has states: a newcomer holds no membership to look it up in. */
  readonly peers: readonly SnapshotPeer[];
}

/** The state that was offered could not be fetched or installed; the leader should try again. */
export interface SnapshotFailed extends Addressed {
  readonly type: 'snapshot-failed';
  readonly index: number;
}

/** The leader wants the receiver, which holds all that it holds, to take the lead (thesis, 3.10). */
export interface TimeoutNow extends Addressed {
  readonly type: 'timeout-now';
}

/** A follower asks for the index that a linearizable read has to see (Raft thesis, 6.4). */
export interface ReadIndexRequest extends Addressed {
  readonly type: 'read-index';
  /** The asking member's own number for it. */
  readonly context: number;
}

export interface ReadIndexResponse extends Addressed {
  readonly type: 'read-index-response';
  readonly context: number;
  /** 0: the leader can't tell; ask again. */
  readonly index: number;
}

/** The receiver holds all that it may have promised before: it takes part again. */
export interface Recovered extends Addressed {
  readonly type: 'recovered';
  readonly recovery: number;
}

/** Everything that members say to each other. */
export type Message =
  | VoteRequest
  | VoteResponse
  | AppendRequest
  | AppendResponse
  | Heartbeat
  | HeartbeatResponse
  | SnapshotOffer
  | SnapshotFailed
  | TimeoutNow
  | ReadIndexRequest
  | ReadIndexResponse
  | Recovered;
