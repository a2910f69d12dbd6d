import { decodeStateHashRow, isStateHashKey } from '../state-hash/state-hash-rows.js';
import { decodeRow } from './session-rows.js';

/** Throws SESSIONS_CORRUPT for a row, kept beside a machine's state (`FrameworkRow`), that can't be read. */
export function checkFrameworkRow(key: Uint8Array, value: Uint8Array): void {
  if (isStateHashKey(key)) decodeStateHashRow(key, value);
  else decodeRow(key, value);
}
