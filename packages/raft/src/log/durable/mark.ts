import { crc32 } from 'node:zlib';
import { putInteger, takeInteger } from './layout.js';

/** The newest of what this member has told others it holds durably. Kept apart from the log. */
export interface Mark {
  /** Term and vote of the hard state. */
  readonly term: number;
  readonly votedFor: number;
  /** The hard state's: while it is not 0, the log has to have the same. */
  readonly recovery: number;
  /** The last entry, or what stands in for it. */
  readonly lastIndex: number;
  readonly lastTerm: number;
}

export const EMPTY_MARK: Mark = {
  term: 0,
  votedFor: 0,
  recovery: 0,
  lastIndex: 0,
  lastTerm: 0,
};

/** "RFMK", then the number of the format. */
const MAGIC = 0x52464d4b;
const FORMAT = 2;
const CHECKED_BYTES = 8 + 6 * 8;

/** Bytes of an encoded mark. */
export const MARK_BYTES: number = CHECKED_BYTES + 4;

/**
 * Magic (4), format (4), then 8 bytes each: sequence, term, votedFor, recovery, lastIndex, lastTerm;
 * CRC-32 (4).
 */
export function encodeMark(sequence: number, mark: Mark): Buffer {
  const bytes = Buffer.alloc(MARK_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setUint32(0, MAGIC);
  view.setUint32(4, FORMAT);
  const { term, votedFor, recovery, lastIndex, lastTerm } = mark;
  const fields = [sequence, term, votedFor, recovery, lastIndex, lastTerm];
  fields.forEach((field, i) => {
    putInteger(view, 8 + i * 8, field);
  });
  view.setUint32(CHECKED_BYTES, crc32(bytes.subarray(0, CHECKED_BYTES)));
  return bytes;
}

/** Undefined when `bytes` is not a mark as it was encoded. */
export function decodeMark(
  bytes: Buffer,
): { readonly sequence: number; readonly mark: Mark } | undefined {
  if (bytes.byteLength < MARK_BYTES) return undefined;
  if (bytes.readUInt32BE(0) !== MAGIC || bytes.readUInt32BE(4) !== FORMAT) return undefined;
  const checksum = crc32(bytes.subarray(0, CHECKED_BYTES));
  if (checksum !== bytes.readUInt32BE(CHECKED_BYTES)) return undefined;
  const sequence = takeInteger(bytes, 8);
  const mark = {
    term: takeInteger(bytes, 16),
    votedFor: takeInteger(bytes, 24),
    recovery: takeInteger(bytes, 32),
    lastIndex: takeInteger(bytes, 40),
    lastTerm: takeInteger(bytes, 48),
  };
  const fits = [sequence, ...Object.values(mark)].every(Number.isSafeInteger);
  return fits ? { sequence, mark } : undefined;
}

export function marksEqual(a: Mark, b: Mark): boolean {
  return (
    a.term === b.term &&
    a.votedFor === b.votedFor &&
    a.recovery === b.recovery &&
    a.lastIndex === b.lastIndex &&
    a.lastTerm === b.lastTerm
  );
}
