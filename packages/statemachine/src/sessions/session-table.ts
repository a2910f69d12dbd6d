import type { WireValue } from '@raft-ts/net';
import { invariant } from 'raft-ts/core';
import { StateMachineError, type StateMachineErrorCode } from '../errors.js';
import type { FrameworkRow } from '../machine/durable-state-machine.js';
import { ActivityOrder } from './activity-order.js';
import { HostSessions } from './host-sessions.js';
import { Session, type SessionRow } from './session.js';
import { defaultSessionLimits, type SessionLimits } from './session-limits.js';
import {
  decodeRow,
  encodeSessionRow,
  encodeStateRow,
  type LoadedRow,
  STATE_KEY,
  sessionKey,
} from './session-rows.js';

/** Items of one entry at most; a session's id is its entry's index and its place there. */
export const MAX_ENTRY_ITEMS = 1_024;
/** Sessions that one entry ends at most, so that no entry holds up the event loop. */
const MAX_ENDED_BY_AN_ENTRY = 1_024;

/** Why a request of a session was not carried out. Nothing was changed, and nothing is saved. */
export class SessionRefusal {
  readonly code: StateMachineErrorCode;
  readonly message: string;

  constructor(code: StateMachineErrorCode, message: string) {
    this.code = code;
    this.message = message;
  }
}

const EXPIRED = new SessionRefusal('SESSION_EXPIRED', 'this session has ended; open a new one');
const TOO_MANY = new SessionRefusal(
  'SESSION_LIMIT',
  'as many sessions are open as may be, and all were used a short time ago; try again later',
);
const TOO_MANY_OF_HOST = new SessionRefusal(
  'SESSION_LIMIT',
  'clients on this host have as many sessions open as one host may have, and all were used a short ' +
    'time ago; use one client for many commands, or try again later',
);
const ACKNOWLEDGED = new SessionRefusal(
  'SEQUENCE_ACKNOWLEDGED',
  'this command is below what the client has acknowledged; its result is not kept any more',
);
const BEYOND_WINDOW = new SessionRefusal(
  'SEQUENCE_BEYOND_WINDOW',
  'too many commands of this session are outstanding; wait for the oldest',
);
const RESULTS_FULL = new SessionRefusal(
  'SESSION_RESULTS_FULL',
  'too many bytes of results of this session are saved; acknowledge some',
);
const ALL_RESULTS_FULL = new SessionRefusal(
  'SESSION_RESULTS_FULL',
  'too many bytes of results of all sessions are saved, and of this one its share; acknowledge some, ' +
    'or try again later',
);

/** The result that a command had when it was carried out. */
export class SavedResult {
  readonly value: WireValue;

  constructor(value: WireValue) {
    this.value = value;
  }
}

/** One client's session, as an operator sees it. */
export interface SessionSummary {
  readonly id: number;
  /** Where the client was that opened it. */
  readonly host: string;
  /** Log time since it was last used, milliseconds. */
  readonly idleMs: number;
  /** Results kept in case that the client asks again, and the bytes of the rows they stand in. */
  readonly savedResults: number;
  readonly savedBytes: number;
}

/** What the entry being applied has done for a session so far. */
interface Touched {
  readonly session: Session;
  readonly sequences: number[];
  readonly results: WireValue[];
}

/**
 * The sessions of all clients (Raft thesis, 6.3): which commands were carried out, with what
 * result, so that a command that comes twice takes effect once. Part of the replicated state:
 * the same entries give the same table on every member, also after a restart from its rows.
 *
 * An entry is `begin`, then its requests, then `end`. `takeRows` hands out what changed since it
 * was last called: one row for each session and entry, so that commands that come in groups cost
 * a fraction of a row each.
 */
export class SessionTable {
  readonly #sessions = new Map<number, Session>();
  #order = new ActivityOrder<Session>();
  #hosts = new HostSessions();
  #limits: SessionLimits = defaultSessionLimits;
  #logTimeMs = 0;
  /** Whether the state row holds what it should. */
  #stateRowCurrent = false;
  #savedBytes = 0;

  /** Of the entry being applied. */
  #index = 0;
  #opened = 0;
  readonly #touched = new Map<number, Touched>();

  /** Rows that are to be written, by the row: one that goes before that is never written. */
  readonly #puts = new Map<SessionRow, FrameworkRow>();
  readonly #deletes: FrameworkRow[] = [];

  /** Restores the table from its rows; in any order. Rejects with SESSIONS_CORRUPT. */
  static async load(
    rows: AsyncIterable<{ readonly key: Uint8Array; readonly value: Uint8Array }>,
  ): Promise<SessionTable> {
    const table = new SessionTable();
    await table.reload(rows);
    return table;
  }

  /**
   * The same for rows that took the place of its own. Resolves with whether they are a table's: one
   * that has taken part in an entry has a row with the time. Rejects with SESSIONS_CORRUPT.
   */
  async reload(
    rows: AsyncIterable<{ readonly key: Uint8Array; readonly value: Uint8Array }>,
  ): Promise<boolean> {
    this.#sessions.clear();
    this.#order = new ActivityOrder();
    this.#hosts = new HostSessions();
    this.#limits = defaultSessionLimits;
    this.#logTimeMs = 0;
    this.#stateRowCurrent = false;
    this.#savedBytes = 0;
    for await (const { key, value } of rows) this.#loadRow(key, value);
    this.#finishLoading();
    return this.#stateRowCurrent;
  }

  get size(): number {
    return this.#sessions.size;
  }

  get limits(): SessionLimits {
    return this.#limits;
  }

  /** The log's time: that of the last entry, never running back. Milliseconds. */
  get logTimeMs(): number {
    return this.#logTimeMs;
  }

  /** Bytes of all rows of sessions. */
  get savedBytes(): number {
    return this.#savedBytes;
  }

  /** Begins an entry; returns its time, which never runs back whatever the entry says. */
  begin(index: number, logTimeMs: number): number {
    this.#index = index;
    this.#opened = 0;
    if (logTimeMs > this.#logTimeMs) {
      this.#logTimeMs = logTimeMs;
      this.#stateRowCurrent = false;
    }
    this.#endIdle();
    return this.#logTimeMs;
  }

  /**
   * Opens a session for a client on this host. Where there are too many, the least recently used one
   * gives way: of this host when it has too many itself, and else of all. What its client has under
   * way, or whose result it may ask for again, can't be seen here; but it has used the session a
   * short time ago then, and such a session stays.
   */
  open(host: string): number | SessionRefusal {
    const { maxSessions, maxSessionsPerHost } = this.#limits;
    const hosts = this.#hosts;
    if (hosts.count(host) >= maxSessionsPerHost && !this.#replace(hosts.of(host))) {
      return TOO_MANY_OF_HOST;
    }
    if (this.#sessions.size >= maxSessions && !this.#replace(this.#order)) return TOO_MANY;
    const id = this.#index * MAX_ENTRY_ITEMS + this.#opened++;
    invariant(this.#opened <= MAX_ENTRY_ITEMS, `entry ${this.#index} opens too many sessions`);
    const session = new Session(id, host, this.#logTimeMs);
    this.#sessions.set(id, session);
    this.#hosts.add(session);
    this.#touch(session);
    return id;
  }

  /** Ends the least recently used of these; returns false when all were used a short time ago. */
  #replace(leastRecentFirst: Iterable<Session>): boolean {
    for (const session of leastRecentFirst) {
      // It keeps its old place until the entry that uses it ends.
      if (this.#touched.has(session.id)) continue;
      if (!this.#isReplaceable(session)) return false;
      this.#remove(session);
      return true;
    }
    return false;
  }

  has(id: number): boolean {
    return this.#sessions.has(id);
  }

  /** Whether this command was carried out or its result acknowledged: nothing that comes will carry it out. */
  isOver(id: number, sequence: number): boolean {
    const session = this.#sessions.get(id);
    if (session === undefined) return false;
    return sequence < session.acknowledgedBelow || session.saved.has(sequence);
  }

  /** Sessions above `after`, by ascending id, `limit` at most: for whoever looks after the cluster. */
  list(after: number, limit: number): readonly SessionSummary[] {
    const ids = [...this.#sessions.keys()].filter((id) => id > after).sort((a, b) => a - b);
    return ids.slice(0, limit).flatMap((id) => {
      const session = this.#sessions.get(id);
      return session === undefined ? [] : [this.#summary(session)];
    });
  }

  #summary({ id, host, lastActiveMs, saved, savedBytes }: Session): SessionSummary {
    const idleMs = this.#logTimeMs - lastActiveMs;
    return { id, host, idleMs, savedResults: saved.size, savedBytes };
  }

  close(id: number): void {
    const session = this.#sessions.get(id);
    if (session !== undefined) this.#remove(session);
  }

  /**
   * Whether a command is to be carried out now (undefined), was carried out before, or must not
   * be. After undefined, `save` has to follow.
   */
  check(
    id: number,
    sequence: number,
    acknowledgedBelow: number,
  ): SavedResult | SessionRefusal | undefined {
    const session = this.#find(id);
    if (session === undefined) return EXPIRED;
    this.#touch(session);
    this.#acknowledge(session, acknowledgedBelow);
    if (sequence < session.acknowledgedBelow) return ACKNOWLEDGED;
    if (session.saved.has(sequence)) return new SavedResult(session.saved.get(sequence));
    if (sequence >= session.acknowledgedBelow + this.#limits.maxOutstanding) return BEYOND_WINDOW;
    const heldBytes = bytesToAcknowledge(session);
    if (heldBytes >= this.#limits.maxSavedBytes) return RESULTS_FULL;
    if (this.#isCrowded && heldBytes >= this.#shareBytes) return ALL_RESULTS_FULL;
    return undefined;
  }

  /** Whether all sessions together hold too many bytes of results. */
  get #isCrowded(): boolean {
    return this.#savedBytes > this.#limits.maxTotalSavedBytes;
  }

  /** What one session may hold though all hold too much: who holds little is not to blame. */
  get #shareBytes(): number {
    return this.#limits.maxTotalSavedBytes / this.#sessions.size;
  }

  save(id: number, sequence: number, result: WireValue): void {
    const touched = this.#touched.get(id);
    invariant(touched !== undefined, `session ${id} has no command in entry ${this.#index}`);
    touched.sequences.push(sequence);
    touched.results.push(result);
    touched.session.saved.set(sequence, result);
  }

  setLimits(limits: SessionLimits): void {
    this.#limits = limits;
    this.#stateRowCurrent = false;
  }

  /** Ends an entry: makes the row of each session that had a part in it, and returns what they hold. */
  end(): readonly Uint8Array[] {
    if (this.#touched.size === 0) return [];
    // By id, so that the order of activity can be told from the rows alone.
    const touched = [...this.#touched.values()];
    if (touched.length > 1) touched.sort((a, b) => a.session.id - b.session.id);
    const rows = touched.map((one) => this.#endRow(one));
    this.#touched.clear();
    return rows;
  }

  /** Everything that changed since the last call; a key occurs once. */
  takeRows(): FrameworkRow[] {
    const rows = [...this.#deletes, ...this.#puts.values()];
    if (!this.#stateRowCurrent) {
      rows.push({ key: STATE_KEY, value: encodeStateRow(this.#logTimeMs, this.#limits) });
      this.#stateRowCurrent = true;
    }
    this.#deletes.length = 0;
    this.#puts.clear();
    return rows;
  }

  #find(id: number): Session | undefined {
    const session = this.#sessions.get(id);
    if (session === undefined || !this.#isIdle(session)) return session;
    this.#remove(session);
    return undefined;
  }

  #isIdle(session: Session): boolean {
    return session.lastActiveMs + this.#limits.idleMs <= this.#logTimeMs;
  }

  /** Whether nobody waits any more for an answer in this session: it may end for others' sake. */
  #isReplaceable(session: Session): boolean {
    return session.lastActiveMs + this.#limits.replaceableAfterMs <= this.#logTimeMs;
  }

  #endIdle(): void {
    for (let ended = 0; ended < MAX_ENDED_BY_AN_ENTRY; ended++) {
      const oldest = this.#order.oldest;
      if (oldest === undefined) return;
      const crowdedOut = this.#isCrowded && this.#isReplaceable(oldest);
      if (!crowdedOut && !this.#isIdle(oldest)) return;
      this.#remove(oldest);
    }
  }

  #touch(session: Session): void {
    if (this.#touched.has(session.id)) return;
    session.lastActiveMs = this.#logTimeMs;
    this.#touched.set(session.id, { session, sequences: [], results: [] });
  }

  #acknowledge(session: Session, below: number): void {
    if (below <= session.acknowledgedBelow) return;
    session.acknowledgedBelow = below;
    for (;;) {
      const oldest = session.rows[0];
      if (oldest === undefined || oldest.highestSequence >= below) return;
      session.rows.shift();
      this.#dropRow(session, oldest);
    }
  }

  #endRow({ session, sequences, results }: Touched): Uint8Array {
    const value = encodeSessionRow({
      host: session.host,
      logTimeMs: this.#logTimeMs,
      acknowledgedBelow: session.acknowledgedBelow,
      sequences,
      results,
    });
    const row = makeRow(this.#index, sequences, value.byteLength);
    this.#puts.set(row, { key: sessionKey(session.id, this.#index), value });
    this.#addRow(session, row);
    this.#moveToEnd(session);
    return value;
  }

  #moveToEnd(session: Session): void {
    this.#order.touch(session.place);
    this.#hosts.touch(session);
  }

  /** The row before, when it holds nothing that is still needed, goes. */
  #addRow(session: Session, row: SessionRow): void {
    const before = session.newest;
    session.newest = row;
    session.savedBytes += row.bytes;
    this.#savedBytes += row.bytes;
    if (before === undefined) return;
    if (before.highestSequence >= session.acknowledgedBelow) session.rows.push(before);
    else this.#dropRow(session, before);
  }

  #dropRow(session: Session, row: SessionRow): void {
    for (const sequence of row.sequences) session.saved.delete(sequence);
    session.savedBytes -= row.bytes;
    this.#savedBytes -= row.bytes;
    if (this.#puts.delete(row)) return;
    this.#deletes.push({ key: sessionKey(session.id, row.index), value: undefined });
  }

  #remove(session: Session): void {
    for (const row of session.rows) this.#dropRow(session, row);
    if (session.newest !== undefined) this.#dropRow(session, session.newest);
    this.#order.remove(session.place);
    this.#hosts.remove(session);
    this.#sessions.delete(session.id);
    this.#touched.delete(session.id);
  }

  #loadRow(key: Uint8Array, value: Uint8Array): void {
    const loaded = decodeRow(key, value);
    if (loaded.kind === 'state') {
      this.#logTimeMs = loaded.logTimeMs;
      this.#limits = loaded.limits;
      this.#stateRowCurrent = true;
      return;
    }
    const session = this.#sessions.get(loaded.session) ?? this.#loadSession(loaded);
    for (const [i, sequence] of loaded.sequences.entries()) {
      session.saved.set(sequence, loaded.results[i]);
    }
    const row = makeRow(loaded.index, loaded.sequences, loaded.bytes);
    session.rows.push(row);
    session.savedBytes += row.bytes;
    this.#savedBytes += row.bytes;
    if (session.newest !== undefined && session.newest.index > row.index) return;
    session.newest = row;
    session.lastActiveMs = loaded.logTimeMs;
    session.acknowledgedBelow = loaded.acknowledgedBelow;
  }

  #loadSession({ session: id, host }: LoadedRow & { readonly kind: 'session' }): Session {
    const session = new Session(id, host, 0);
    this.#sessions.set(id, session);
    this.#hosts.add(session);
    return session;
  }

  #finishLoading(): void {
    const sessions = [...this.#sessions.values()];
    const lastIndex = (session: Session) => session.newest?.index ?? 0;
    sessions.sort((a, b) => lastIndex(a) - lastIndex(b) || a.id - b.id);
    for (const session of sessions) {
      session.rows.sort((a, b) => a.index - b.index).pop();
      this.#moveToEnd(session);
    }
    if (sessions.length > 0 && !this.#stateRowCurrent) {
      throw new StateMachineError(
        'SESSIONS_CORRUPT',
        'sessions are kept beside the state, but not the time they count from. ' +
          'Rebuild this member from the others',
      );
    }
  }
}

/** Bytes of rows that its client can make go by acknowledging: not of a last one that only says when. */
function bytesToAcknowledge({ savedBytes, newest, acknowledgedBelow }: Session): number {
  const needed = newest === undefined || newest.highestSequence >= acknowledgedBelow;
  return needed ? savedBytes : savedBytes - newest.bytes;
}

function makeRow(index: number, sequences: readonly number[], bytes: number): SessionRow {
  return { index, sequences, highestSequence: Math.max(-1, ...sequences), bytes };
}
