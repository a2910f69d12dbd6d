import type { WireValue } from '@raft-ts/net';
import { ActivityPlace } from './activity-order.js';

/** What one entry did for one session; kept as one row. */
export interface SessionRow {
  /** The entry's index. */
  readonly index: number;
  /** Of the commands it carried out. */
  readonly sequences: readonly number[];
  /** -1 without any. */
  readonly highestSequence: number;
  /** Of its encoded value. */
  readonly bytes: number;
}

/** One client's session, as every member has it. */
export class Session {
  readonly id: number;
  /** Where the client was that opened it. */
  readonly host: string;
  /** Log time of the last entry with a request of this session. */
  lastActiveMs: number;
  /** The client has the results of all commands below. Never falls. */
  acknowledgedBelow = 1;
  /** Results by sequence; also acknowledged ones, until their row goes. */
  readonly saved = new Map<number, WireValue>();
  /** Rows with results not all acknowledged, oldest first, without `newest`. */
  readonly rows: SessionRow[] = [];
  /** Of the last entry with a request of this session: it holds the session's own state. */
  newest: SessionRow | undefined;
  /** Bytes of all its rows. */
  savedBytes = 0;

  /** Among all sessions, and among those of its host. */
  readonly place: ActivityPlace<Session> = new ActivityPlace<Session>(this);
  readonly placeOfHost: ActivityPlace<Session> = new ActivityPlace<Session>(this);

  constructor(id: number, host: string, logTimeMs: number) {
    this.id = id;
    this.host = host;
    this.lastActiveMs = logTimeMs;
  }
}
