import { crc32 } from 'node:zlib';
import { GROUP } from '../../core/group.js';
import { type Entry, type HardState, isEntryType } from '../../core/log/entry.js';
import type { LogBase } from '../../core/log/log-state.js';
import { decodeMembership } from '../../core/membership/membership-codec.js';
import { MembershipDamaged } from '../../core/membership/membership-json.js';
import { unknownFormat } from './unknown-format.js';

/*
 * The rows of a log. All numbers are big endian; whole numbers of 8 bytes hold at most 2^53 - 1.
 *
 *   key                     value
 *   group (4), index (8)    format (1), term (8), type (1), payload, checksum (4)
 *   group (4), ff..ff fe    format (1), index (8), term (8), membership as of it, checksum (4)
 *   group (4), ff..ff ff    format (1), term (8), votedFor (8), commit (8), recovery (8),
 *                           checksum (4)
 *
 * An entry, the base, the hard state. A checksum is a CRC-32 over the key and the rest of the
 * value. Entries up to the base's index count for nothing: they are removed after the base was
 * written. Without a base the log begins with entry 1.
 */

export const ENTRY_FORMAT = 1;
export const BASE_FORMAT = 1;
export const HARD_STATE_FORMAT = 1;

const GROUP_BYTES = 4;
export const INDEX_BYTES = 8;
export const KEY_BYTES: number = GROUP_BYTES + INDEX_BYTES;
export const CHECKSUM_BYTES = 4;
/** Bytes of an entry's value besides its payload. */
export const ENTRY_FIXED_BYTES = 1 + 8 + 1 + CHECKSUM_BYTES;
/** Bytes of a base's value besides its membership. */
export const BASE_FIXED_BYTES = 1 + 2 * 8 + CHECKSUM_BYTES;
export const HARD_STATE_BYTES = 1 + 4 * 8 + CHECKSUM_BYTES;

/** Sort behind every entry of the group. */
export const BASE_KEY: Uint8Array = fixedKey(0xfe);
export const HARD_STATE_KEY: Uint8Array = fixedKey(0xff);

const TWO_TO_32 = 2 ** 32;

function fixedKey(lastByte: number): Uint8Array {
  const key = Buffer.alloc(KEY_BYTES, 0xff);
  key.writeUInt32BE(GROUP);
  key[KEY_BYTES - 1] = lastByte;
  return key;
}

export function putInteger(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, Math.floor(value / TWO_TO_32));
  view.setUint32(offset + 4, value % TWO_TO_32);
}

/** Above 2^53 - 1, and so no safe integer, only for what putInteger did not write. */
export function takeInteger(bytes: Buffer, offset: number): number {
  return bytes.readUInt32BE(offset) * TWO_TO_32 + bytes.readUInt32BE(offset + 4);
}

export function entryKey(index: number): Buffer {
  const key = Buffer.allocUnsafe(KEY_BYTES);
  key.writeUInt32BE(GROUP);
  writeIndex(key, index);
  return key;
}

function writeIndex(key: Buffer, index: number): void {
  key.writeUInt32BE(Math.floor(index / TWO_TO_32), GROUP_BYTES);
  key.writeUInt32BE(index % TWO_TO_32, GROUP_BYTES + 4);
}

export function putEntryKey(view: DataView, offset: number, index: number): void {
  view.setUint32(offset, GROUP);
  putInteger(view, offset + GROUP_BYTES, index);
}

/** Whether the checksum at the end of `value` fits `key` and the rest of `value`. */
function checksumFits(key: Uint8Array, value: Buffer): boolean {
  const length = value.byteLength - CHECKSUM_BYTES;
  return crc32(value.subarray(0, length), crc32(key)) === value.readUInt32BE(length);
}

const scratchKey = entryKey(0);

/**
 * Undefined when `value` is not what was written as entry `index`. Like the others, throws
 * LOG_FOREIGN for a row of another format.
 */
export function decodeEntry(index: number, value: Buffer): Entry | undefined {
  writeIndex(scratchKey, index);
  if (value.byteLength < ENTRY_FIXED_BYTES || !checksumFits(scratchKey, value)) return undefined;
  checkFormat(value, ENTRY_FORMAT, 'an entry of the log');
  const term = takeInteger(value, 1);
  const type = value[9];
  if (!Number.isSafeInteger(term) || !isEntryType(type)) return undefined;
  return { index, term, type, data: value.subarray(10, value.byteLength - CHECKSUM_BYTES) };
}

function checkFormat(value: Buffer, known: number, what: string): void {
  if (value[0] !== known) throw unknownFormat(what, value.readUInt8(0), known);
}

/** Undefined when `value` is not a hard state as it was written. */
export function decodeHardState(value: Buffer): HardState | undefined {
  if (value.byteLength < 1 + CHECKSUM_BYTES || !checksumFits(HARD_STATE_KEY, value)) {
    return undefined;
  }
  checkFormat(value, HARD_STATE_FORMAT, 'the hard state of the log');
  if (value.byteLength !== HARD_STATE_BYTES) return undefined;
  const hardState = {
    term: takeInteger(value, 1),
    votedFor: takeInteger(value, 9),
    commit: takeInteger(value, 17),
    recovery: takeInteger(value, 25),
  };
  return Object.values(hardState).every(Number.isSafeInteger) ? hardState : undefined;
}

/** Undefined when `value` is not a base as it was written. */
export function decodeBase(value: Buffer): LogBase | undefined {
  if (value.byteLength < BASE_FIXED_BYTES || !checksumFits(BASE_KEY, value)) return undefined;
  checkFormat(value, BASE_FORMAT, 'the base of the log');
  const index = takeInteger(value, 1);
  const term = takeInteger(value, 9);
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(term)) return undefined;
  try {
    const membership = decodeMembership(value.subarray(17, value.byteLength - CHECKSUM_BYTES));
    return { index, term, membership };
  } catch (error) {
    if (error instanceof MembershipDamaged) return undefined;
    throw error;
  }
}
