import type { EdgeKey } from '../namespace/tree/edge.js';
import type { RowWriter } from './row-writer.js';

/**
 * What a key begins with says what the row is. An edge key begins with 0, since ids have 53 bits;
 * the other kinds put their number there, and an id or sequence number into seven bytes.
 */
export const RowKind = {
  Inode: 0,
  /** Inode id → edge key. */
  Location: 1,
  /** Sequence number → directory that was cut off. */
  Trash: 2,
  /** The framework's own. */
  Framework: 3,
  /** One row: applied index, next id, counts. */
  State: 4,
} as const;

/** Bytes of the longest key: the prefix and a name of 255, or a framework key of 64. */
export const MAX_KEY_BYTES = 512;

/** The key of an inode's row is its edge key. */
export function writeInodeKey(writer: RowWriter, edge: EdgeKey): Buffer {
  return writer.start().raw(edge).bytes();
}

/** The key of a location or trash row. */
export function writeNumberedKey(
  writer: RowWriter,
  kind: typeof RowKind.Location | typeof RowKind.Trash,
  number: number,
): Buffer {
  return writer.start().byte(kind).fixedNumber(number).bytes();
}

/** The key of the state row. */
export const STATE_KEY: Uint8Array = Uint8Array.of(RowKind.State);

/** The key of a framework row. */
export function frameworkKey(key: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(key.length + 1);
  bytes[0] = RowKind.Framework;
  bytes.set(key, 1);
  return bytes;
}

/** Bounds of the framework's rows. */
export const FRAMEWORK_ROWS = {
  gte: Uint8Array.of(RowKind.Framework),
  lt: Uint8Array.of(RowKind.Framework + 1),
} as const;
