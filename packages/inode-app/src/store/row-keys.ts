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
  /** First index of a stretch of commits → its last one. */
  Commits: 5,
  /** Kind and number of a record about mounts → the record. */
  Mounts: 6,
} as const;

/** Bytes of the longest key: the prefix and a name of 255, or a framework key of 64. */
export const MAX_KEY_BYTES = 512;

/** The key of an inode's row is its edge key. */
export function writeInodeKey(writer: RowWriter, edge: EdgeKey): Buffer {
  return writer.start().raw(edge).bytes();
}

/** The key of a location or trash row, or of a stretch of commits. */
export function writeNumberedKey(
  writer: RowWriter,
  kind: typeof RowKind.Location | typeof RowKind.Trash | typeof RowKind.Commits,
  number: number,
): Buffer {
  return writer.start().byte(kind).fixedNumber(number).bytes();
}

/** The key of a record about mounts. */
export function writeMountKey(writer: RowWriter, record: number, number: number): Buffer {
  return writer.start().byte(RowKind.Mounts).byte(record).fixedNumber(number).bytes();
}

/** Bounds of the records about mounts. */
export const MOUNT_ROWS = {
  gte: Uint8Array.of(RowKind.Mounts),
  lt: Uint8Array.of(RowKind.Mounts + 1),
} as const;

/** The number in such a key. */
export function readNumber(key: Buffer): number {
  return key.readUIntBE(1, 3) * 0x1_0000_0000 + key.readUInt32BE(4);
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

/** Bounds of the stretches of commits. */
export const COMMIT_ROWS = {
  gte: Uint8Array.of(RowKind.Commits),
  lt: Uint8Array.of(RowKind.Commits + 1),
} as const;

/**
 * Whether this is the key, a character a byte, of a row that says which commits are there: two stores
 * with equal trees may divide theirs differently.
 */
export function isCommitsKey(key: string): boolean {
  return key.charCodeAt(0) === RowKind.Commits;
}
