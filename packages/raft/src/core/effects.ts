import type { Entry, HardState, MemberId } from './entry.js';
import type { Message } from './message.js';

/** Why a request to the core was turned down. Nothing was changed by it. */
export type RejectionReason =
  /** Another member leads, or none that this one knows of. */
  | 'not-leader'
  /** The payload is above `maxEntryBytes`. */
  | 'too-large'
  /** `maxUncommittedBytes` or `maxPendingReads` is reached. */
  | 'overloaded';

/** The payloads became entries of `term` at `index`, `index + 1`, ... They may still be replaced. */
export interface Accepted {
  readonly accepted: true;
  readonly index: number;
  readonly term: number;
}

export interface Rejected {
  readonly accepted: false;
  readonly reason: RejectionReason;
  /** The leader as far as known; 0 for none. */
  readonly leader: MemberId;
}

/** Make this durable as a whole, in the order of `sequence`; then send, then call `written`. */
export interface WriteEffect {
  readonly type: 'write';
  readonly sequence: number;
  readonly hardState: HardState | undefined;
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

/** The lead was lost before these reads were confirmed; they may be tried anywhere again. */
export interface ReadFailedEffect {
  readonly type: 'read-failed';
  readonly contexts: readonly number[];
}

/** Everything that the outside must do for the core. */
export type Effect =
  | WriteEffect
  | SendEffect
  | ApplyEffect
  | ReadEntriesEffect
  | ReadReadyEffect
  | ReadFailedEffect;
