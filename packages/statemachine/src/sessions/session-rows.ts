import { decodeValue, encodeValue, type WireValue } from '@raft-ts/net';
import { StateMachineError } from '../errors.js';
import { isPositiveInteger, isTime } from '../numbers.js';
import { decodeLimits, encodeLimits, type SessionLimits } from './session-limits.js';

const STATE_KIND = 0;
const SESSION_KIND = 1;
const SESSION_KEY_BYTES = 17;
/** Of every row's value; its first field. */
const FORMAT = 1;

/** The key of the one row with what belongs to no session. */
export const STATE_KEY: Uint8Array = Uint8Array.of(STATE_KIND);

/** Sorted by session, then by entry. */
export function sessionKey(session: number, index: number): Uint8Array {
  const key = Buffer.allocUnsafe(SESSION_KEY_BYTES);
  key[0] = SESSION_KIND;
  writeNumber(key, session, 1);
  writeNumber(key, index, 9);
  return key;
}

/** Whether a row that the framework keeps beside a machine's state (`FrameworkRow`) is of one session. */
export function isSessionRow(key: Uint8Array): boolean {
  return key[0] === SESSION_KIND;
}

function writeNumber(key: Buffer, value: number, at: number): void {
  key.writeUInt32BE(Math.floor(value / 0x1_0000_0000), at);
  key.writeUInt32BE(value % 0x1_0000_0000, at + 4);
}

/** What a session's row holds. */
export interface SessionRowContent {
  /** Where the client was that opened the session. */
  readonly host: string;
  readonly logTimeMs: number;
  readonly acknowledgedBelow: number;
  readonly sequences: readonly number[];
  readonly results: readonly WireValue[];
}

export function encodeSessionRow(content: SessionRowContent): Uint8Array {
  const { host, logTimeMs, acknowledgedBelow, sequences, results } = content;
  return encodeValue([FORMAT, logTimeMs, acknowledgedBelow, sequences, results, host]);
}

export function encodeStateRow(logTimeMs: number, limits: SessionLimits): Uint8Array {
  return encodeValue([FORMAT, logTimeMs, encodeLimits(limits)]);
}

/** A row as it was read. */
export type LoadedRow =
  | { readonly kind: 'state'; readonly logTimeMs: number; readonly limits: SessionLimits }
  | ({
      readonly kind: 'session';
      readonly session: number;
      readonly index: number;
      readonly bytes: number;
    } & SessionRowContent);

/** Throws SESSIONS_CORRUPT. */
export function decodeRow(key: Uint8Array, value: Uint8Array): LoadedRow {
  const [format, ...fields] = decodeFields(value);
  if (format !== FORMAT) throw corrupt(`a row has the unknown format ${String(format)}`);
  if (key.byteLength === 1 && key[0] === STATE_KIND) return stateRow(fields);
  if (key.byteLength === SESSION_KEY_BYTES && key[0] === SESSION_KIND) {
    return sessionRow(key, fields, value.byteLength);
  }
  throw corrupt('a row has a key of an unknown kind');
}

function decodeFields(value: Uint8Array): readonly unknown[] {
  let fields: unknown;
  try {
    fields = decodeValue(value);
  } catch (cause) {
    throw corrupt('a row is not MessagePack', cause);
  }
  if (!Array.isArray(fields)) throw corrupt('a row is no array');
  return fields;
}

function stateRow([logTimeMs, encoded]: readonly unknown[]): LoadedRow {
  const limits = decodeLimits(encoded);
  if (!isTime(logTimeMs) || limits === undefined) throw corrupt('the state row is damaged');
  return { kind: 'state', logTimeMs, limits };
}

function sessionRow(key: Uint8Array, fields: readonly unknown[], bytes: number): LoadedRow {
  const [logTimeMs, acknowledgedBelow, sequences, results, host] = fields;
  if (
    typeof host !== 'string' ||
    !isTime(logTimeMs) ||
    !isPositiveInteger(acknowledgedBelow) ||
    !Array.isArray(sequences) ||
    !sequences.every(isPositiveInteger) ||
    !Array.isArray(results) ||
    results.length !== sequences.length
  ) {
    throw corrupt('a session row is damaged');
  }
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
  const session = view.getUint32(1) * 0x1_0000_0000 + view.getUint32(5);
  const index = view.getUint32(9) * 0x1_0000_0000 + view.getUint32(13);
  return {
    kind: 'session',
    session,
    index,
    bytes,
    host,
    logTimeMs,
    acknowledgedBelow,
    sequences,
    results,
  };
}

function corrupt(what: string, cause?: unknown): StateMachineError {
  return new StateMachineError(
    'SESSIONS_CORRUPT',
    `the sessions kept beside the state machine's state can't be read: ${what}. ` +
      'Rebuild this member from the others',
    { cause },
  );
}
