import { byteString } from './byte-string.js';
import { INODE_FIELDS, type Inode } from './inode.js';

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

/** Owner and group of what was made without naming any. */
export const DEFAULT_PRINCIPAL = byteString('root');

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
    mounted: directory.mounted,
    children: directory.children + change,
  };
}
