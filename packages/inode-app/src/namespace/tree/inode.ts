import type { ByteString } from './byte-string.js';

/** Numbers are stored on disk and sent over the network. */
export const InodeType = { Directory: 0, File: 1, SymbolicLink: 2 } as const;
export type InodeType = (typeof InodeType)[keyof typeof InodeType];

export function isInodeType(value: unknown): value is InodeType {
  return (
    value === InodeType.Directory || value === InodeType.File || value === InodeType.SymbolicLink
  );
}

/** The inode of `/`. */
export const ROOT_ID = 1;

/** What an inode that lies in a mount has of the storage mounted there. */
export interface Mounted {
  /** The id of its mount. */
  readonly mount: number;
  /** Of a directory: all its entries came in. Of a file: its content was written as a whole. */
  readonly complete: boolean;
  /** Of a file's content, as the storage told it last; empty for others. At most 255 bytes. */
  readonly fingerprint: ByteString;
}

/** One file-system object. Immutable: a change makes a new record with the same `id`. */
export interface Inode {
  /** Stable over renames, never used again: 1 to 2^53 - 1. */
  readonly id: number;
  readonly type: InodeType;
  /** Permission bits, 0 to 0o7777. */
  readonly mode: number;
  readonly owner: ByteString;
  readonly group: ByteString;
  /** Bytes: 0 to 2^53 - 1. */
  readonly size: number;
  /** Whole milliseconds since 1970. */
  readonly modifiedMs: number;
  readonly accessedMs: number;
  /** What a symbolic link points to, as it was given; empty for other types. */
  readonly target: ByteString;
  /** Undefined for what lies in no mount. */
  readonly mounted: Mounted | undefined;
}

/** The fields that can be given to an inode, in the order of their wire form. */
export const ATTRIBUTE_FIELDS = [
  'mode',
  'owner',
  'group',
  'size',
  'modifiedMs',
  'accessedMs',
] as const satisfies readonly (keyof Inode)[];

/**
 * Every field of an inode, in the order of its wire form. What reads or writes inodes names them
 * once more, for speed; types and tests hold it against this list.
 */
export const INODE_FIELDS = [
  'id',
  'type',
  ...ATTRIBUTE_FIELDS,
  'target',
  'mounted',
] as const satisfies readonly (keyof Inode)[];
