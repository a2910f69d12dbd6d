import type { Entry, HardState, MemberId } from './log/entry.js';
import type { LogBase } from './log/log-state.js';
import type { Membership } from './membership/membership.js';
import type { Message, SnapshotPeer } from './message.js';

/** Why a request to the core was turned down. Nothing was changed by it. */
export type RejectionReason =
  /** Another member leads, or none that this one knows of. */
  | 'not-leader'
  /** The payload is above `maxEntryBytes`. */
  | 'too-large'
  /** `maxUncommittedBytes`, `maxUnappliedBytes` or `maxPendingReads` is reached. */
  | 'overloaded'
  /** The lead is being handed over: ask again when that has ended. */
  | 'transferring'
  /** An earlier change of the membership is not applied yet. */
  | 'change-pending'
  /** The configuration is joint and has to be left first. */
  | 'joint'
  /** There is no joint configuration to leave. */
  | 'not-joint'
  /** The change makes no sense for the configuration in force; `detail` says why. */
  | 'invalid-change'
  /** A new voter, or who is to lead, lacks too many entries still. */
  | 'not-caught-up'
  /** Most of the voters that would be left were not heard from lately, or are not up to date. */
  | 'majority-at-risk'
  /** Who is to lead is no voter, or this member itself. */
  | 'invalid-target';

/**
 * The payloads became entries of `term` at `index`, `index + 1`, ... They may still be replaced. No
 * payloads at all: `index` is that of the last entry, which is of `term` too.
 */
export interface Accepted {
  readonly accepted: true;
  readonly index: number;
  readonly term: number;
}

/** Ends with the effect of the same number; two that ask for the same target share one. */
export interface TransferAccepted {
  readonly accepted: true;
  readonly number: number;
}

export interface Rejected {
  readonly accepted: false;
  readonly reason: RejectionReason;
  /** The leader as far as known; 0 for none. */
  readonly leader: MemberId;
  /** More about the reason, for people. */
  readonly detail?: string;
}

/** Make this durable as a whole, in the order of `sequence`; then send, then call `written`. */
export interface WriteEffect {
  readonly type: 'write';
  readonly sequence: number;
  readonly hardState: HardState | undefined;
  /** The log begins anew behind it, before `entries` are added; see LogWrite. */
  readonly base: LogBase | undefined;
  readonly entries: readonly Entry[];
  /** To be sent once this write and all before it are durable: they acknowledge it. */
  readonly messages: readonly Message[];
}

/** Send now, without waiting for any write. */
export interface SendEffect {
  readonly type: 'send';
  readonly messages: readonly Message[];
}

/** Apply these, then call `applied` with the last index. The next come after that. */
export interface ApplyEffect {
  readonly type: 'apply';
  readonly entries: readonly Entry[];
}

/** Read entries from disk, then call `entriesRead` with the same reader. */
export interface ReadEntriesEffect {
  readonly type: 'read-entries';
  /** The member that lags, or 0: they are to be applied. */
  readonly reader: MemberId;
  readonly first: number;
  readonly last: number;
  readonly maxBytes: number;
}

/** These reads are linearizable once the state machine has applied `index`. */
export interface ReadReadyEffect {
  readonly type: 'read-ready';
  readonly contexts: readonly number[];
  readonly index: number;
}

/** These reads could not be confirmed in time; they may be tried anywhere again. */
export interface ReadFailedEffect {
  readonly type: 'read-failed';
  readonly contexts: readonly number[];
}

/**
 * Fetch a state of the state machine at `index` or later from `from` and keep it aside; then call
 * `snapshotFetched`, or `snapshotFailed` with the same index. Takes the place of an earlier fetch.
 */
export interface FetchSnapshotEffect {
  readonly type: 'fetch-snapshot';
  readonly from: MemberId;
  readonly index: number;
  /** Others that answer over HTTP, as far as it is known. */
  readonly peers: readonly SnapshotPeer[];
}

/**
 * Replace the state machine's state by the one that was fetched, durably; it is as of `base.index`,
 * and the log is ready for it. Then call `snapshotInstalled`. Nothing is applied in between.
 */
export interface InstallSnapshotEffect {
  readonly type: 'install-snapshot';
  readonly base: LogBase;
}

/** Another configuration is in force, or the same with other endpoints. */
export interface MembershipInForceEffect {
  readonly type: 'membership-in-force';
  readonly membership: Membership;
}

/** How a transfer of the lead ended. Every accepted one ends so, and every one of a stand-in. */
export interface TransferEndedEffect {
  readonly type: 'transfer-ended';
  readonly number: number;
  readonly target: MemberId;
  /**
   * done: this member follows the target. elsewhere: it lost the lead to somebody else, or does
   * not know to whom. expired: it still leads after an election timeout, or as the target's process
   * has ended. replaced: by a later
   * transfer to another target, or because the target is no voter any more.
   */
  readonly outcome: 'done' | 'elsewhere' | 'expired' | 'replaced';
}

/** Everything that the outside must do for the core. */
export type Effect =
  | WriteEffect
  | SendEffect
  | ApplyEffect
  | ReadEntriesEffect
  | ReadReadyEffect
  | ReadFailedEffect
  | FetchSnapshotEffect
  | InstallSnapshotEffect
  | MembershipInForceEffect
  | TransferEndedEffect;
