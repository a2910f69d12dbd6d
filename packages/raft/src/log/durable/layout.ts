import { crc32 } from 'node:zlib';
import { type Entry, EntryType, type HardState } from '../../core/log/entry.js';
import type { LogBase } from '../../core/log/log-state.js';
import { decodeMembership } from '../../core/membership/membership-codec.js';
import { MembershipDamaged } from '../../core/membership/membership-json.js';

/*
 * How the log lies in RocksDB. All numbers are big endian; whole numbers of 8 bytes hold at most
 * 2^53 - 1.
 *
 *   key          value
 *   index (8)    term (8), type (1), payload, checksum (4)
 *   ff..ff fe    index (8), term (8), membership as of it, checksum (4)                the base
 *   ff..ff ff    term (8), votedFor (8), commit (8), recovery (8), checksum (4)        hard state
 *
 * A checksum is a CRC-32 over the key and the rest of the value. Entries up to the base's index
 * count for nothing: they are removed after the base was written. Without a base the log begins
 * with entry 1.
 */

export const KEY_BYTES = 8;
export const CHECKSUM_BYTES = 4;
/** Bytes of an entry's value besides its payload. */
export const ENTRY_FIXED_BYTES = 8 + 1 + CHECKSUM_BYTES;
/** Bytes of a base's value besides its membership. */
export const BASE_FIXED_BYTES = 2 * 8 + CHECKSUM_BYTES;
export const HARD_STATE_BYTES = 4 * 8 + CHECKSUM_BYTES;

/** Sort behind every entry. */
export const BASE_KEY: Uint8Array = new Uint8Array(KEY_BYTES).fill(0xff, 0, -1).fill(0xfe, -1);
export const HARD_STATE_KEY: Uint8Array = new Uint8Array(KEY_BYTES).fill(0xff);

const TWO_TO_32 = 2 ** 32;

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
  writeEntryKey(key, index);
  return key;
}

function writeEntryKey(key: Buffer, index: number): void {
  key.writeUInt32BE(Math.floor(index / TWO_TO_32), 0);
  key.writeUInt32BE(index % TWO_TO_32, 4);
}

const scratchKey = Buffer.alloc(KEY_BYTES);

/** Whether the checksum at the end of `value` fits `key` and the rest of `value`. */
function checksumFits(key: Uint8Array, value: Buffer): boolean {
  const length = value.byteLength - CHECKSUM_BYTES;
  return crc32(value.subarray(0, length), crc32(key)) === value.readUInt32BE(length);
}

/** Undefined when `value` is not what was written as entry `index`. */
export function decodeEntry(index: number, value: Buffer): Entry | undefined {
  writeEntryKey(scratchKey, index);
  if (value.byteLength < ENTRY_FIXED_BYTES || !checksumFits(scratchKey, value)) return undefined;
  const term = takeInteger(value, 0);
  const type = value[8];
  if (!Number.isSafeInteger(term) || !isEntryType(type)) return undefined;
  return { index, term, type, data: value.subarray(9, value.byteLength - CHECKSUM_BYTES) };
}

function isEntryType(value: number | undefined): value is EntryType {
  return value === EntryType.Command || value === EntryType.Empty || value === EntryType.Membership;
}

/** Undefined when `value` is not a hard state as it was written. */
export function decodeHardState(value: Buffer): HardState | undefined {
  if (value.byteLength !== HARD_STATE_BYTES || !checksumFits(HARD_STATE_KEY, value)) {
    return undefined;
  }
  const hardState = {
    term: takeInteger(value, 0),
    votedFor: takeInteger(value, 8),
    commit: takeInteger(value, 16),
    recovery: takeInteger(value, 24),
  };
  return Object.values(hardState).every(Number.isSafeInteger) ? hardState : undefined;
}

/** Undefined when `value` is not a base as it was written. */
export function decodeBase(value: Buffer): LogBase | undefined {
  if (value.byteLength < BASE_FIXED_BYTES || !checksumFits(BASE_KEY, value)) return undefined;
  const index = takeInteger(value, 0);
  const term = takeInteger(value, 8);
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(term)) return undefined;
  try {
    const membership = decodeMembership(value.subarray(16, value.byteLength - CHECKSUM_BYTES));
    return { index, term, membership };
  } catch (error) {
    if (error instanceof MembershipDamaged) return undefined;
    throw error;
  }
}
