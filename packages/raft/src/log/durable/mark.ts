import { crc32 } from 'node:zlib';
import { GROUP } from '../../core/group.js';
import { putInteger, takeInteger } from './layout.js';
import { unknownFormat } from './unknown-format.js';

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

/** In the order in which they are stored. */
const FIELDS = ['term', 'votedFor', 'recovery', 'lastIndex', 'lastTerm'] as const;

/** "RFMK". */
const MAGIC = 0x52464d4b;
const MARK_FORMAT = 3;
const FIELDS_OFFSET = 12;
const CHECKED_BYTES: number = FIELDS_OFFSET + 6 * 8;

/** Bytes of an encoded mark. */
export const MARK_BYTES: number = CHECKED_BYTES + 4;

/**
 * Magic (4), format (4), group (4), then 8 bytes each: sequence, term, votedFor, recovery,
 * lastIndex, lastTerm; CRC-32 (4). Whatever the format, magic, format and CRC-32 stand there: so
 * that another one is told from damage.
 */
export function encodeMark(sequence: number, mark: Mark): Buffer {
  const bytes = Buffer.alloc(MARK_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setUint32(0, MAGIC);
  view.setUint32(4, MARK_FORMAT);
  view.setUint32(8, GROUP);
  const fields = [sequence, ...FIELDS.map((name) => mark[name])];
  fields.forEach((field, i) => {
    putInteger(view, FIELDS_OFFSET + i * 8, field);
  });
  view.setUint32(CHECKED_BYTES, crc32(bytes.subarray(0, CHECKED_BYTES)));
  return bytes;
}

/** Undefined when `bytes` is not a mark as it was encoded; LOG_FOREIGN for one of another format. */
export function decodeMark(
  bytes: Buffer,
): { readonly sequence: number; readonly mark: Mark } | undefined {
  if (bytes.byteLength < MARK_BYTES) return undefined;
  const checksum = crc32(bytes.subarray(0, CHECKED_BYTES));
  if (checksum !== bytes.readUInt32BE(CHECKED_BYTES)) return undefined;
  if (bytes.readUInt32BE(0) !== MAGIC || bytes.readUInt32BE(8) !== GROUP) return undefined;
  const format = bytes.readUInt32BE(4);
  if (format !== MARK_FORMAT) throw unknownFormat('the mark', format, MARK_FORMAT);
  const field = (place: number) => takeInteger(bytes, FIELDS_OFFSET + place * 8);
  const sequence = field(0);
  const mark = {
    term: field(1),
    votedFor: field(2),
    recovery: field(3),
    lastIndex: field(4),
    lastTerm: field(5),
  };
  const fits = [sequence, ...Object.values(mark)].every(Number.isSafeInteger);
  return fits ? { sequence, mark } : undefined;
}

export function marksEqual(a: Mark, b: Mark): boolean {
  return FIELDS.every((name) => a[name] === b[name]);
}
