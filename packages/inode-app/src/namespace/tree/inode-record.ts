import { byteString, NO_BYTES } from './byte-string.js';
import { INODE_FIELDS, type Inode, InodeType } from './inode.js';

/** An inode as the tree keeps it. */
export interface InodeRecord extends Inode {
  /** Entries directly in a directory; 0 for other types. */
  readonly children: number;
}

/** Every field of a record. */
export const RECORD_FIELDS = [
  ...INODE_FIELDS,
  'children',
] as const satisfies readonly (keyof InodeRecord)[];

const ROOT_MODE = 0o755;
/** Owner and group of what was made without naming any. */
export const DEFAULT_PRINCIPAL = byteString('root');

/** The root of a new tree: the same on every member, so it needs no entry in the log. */
export function newRoot(id: number): InodeRecord {
  return {
    id,
    type: InodeType.Directory,
    mode: ROOT_MODE,
    owner: DEFAULT_PRINCIPAL,
    group: DEFAULT_PRINCIPAL,
    size: 0,
    modifiedMs: 0,
    accessedMs: 0,
    target: NO_BYTES,
    children: 0,
  };
}

/** A directory whose entries changed at `timeMs`. */
export function withChildren(
  directory: InodeRecord,
  change: -1 | 0 | 1,
  timeMs: number,
): InodeRecord {
  return {
    id: directory.id,
    type: directory.type,
    mode: directory.mode,
    owner: directory.owner,
    group: directory.group,
    size: directory.size,
    modifiedMs: timeMs,
    accessedMs: directory.accessedMs,
    target: directory.target,
    children: directory.children + change,
  };
}
