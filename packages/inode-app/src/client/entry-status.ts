import { textFromByteString } from '../namespace/tree/byte-string.js';
import { type Inode, InodeType, type Mounted } from '../namespace/tree/inode.js';

/** By inode type. */
const ENTRY_TYPES = ['directory', 'file', 'symlink'] as const;
export type EntryType = (typeof ENTRY_TYPES)[InodeType];

/**
 * An inode as programs and `--json` see it. Names are text: what is no UTF-8 stands as the lone
 * surrogates U+DC80 to U+DCFF, as Python's os.fsdecode has it, so that nothing is lost.
 */
export interface EntryStatus {
  readonly id: number;
  readonly type: EntryType;
  /** Bytes. */
  readonly size: number;
  /** Permission bits, 0 to 0o7777. */
  readonly mode: number;
  readonly owner: string;
  readonly group: string;
  /** Whole milliseconds since 1970. */
  readonly modifiedMs: number;
  readonly accessedMs: number;
  /** What a symbolic link points to; only links have it. */
  readonly target?: string;
  /** Only what lies in a mount has it. */
  readonly mounted?: MountedStatus;
}

/** What an entry in a mount has of its storage. */
export interface MountedStatus {
  /** The id of the mount. */
  readonly mount: number;
  /** Of a directory: all its entries came in. Of a file: its content was written as a whole. */
  readonly complete: boolean;
  /** Of a file's content; empty for others. */
  readonly fingerprint: string;
}

/** An entry of a directory. */
export interface NamedEntry extends EntryStatus {
  readonly name: string;
}

export function entryType(type: InodeType): EntryType {
  return ENTRY_TYPES[type];
}

/** The outside form of an inode. */
export function entryStatus(inode: Inode): EntryStatus {
  const { mounted, type } = inode;
  // What only some have is added and not spread: a long listing makes very many of these.
  const status: Writable<EntryStatus> = {
    id: inode.id,
    type: ENTRY_TYPES[type],
    size: inode.size,
    mode: inode.mode,
    owner: textFromByteString(inode.owner),
    group: textFromByteString(inode.group),
    modifiedMs: inode.modifiedMs,
    accessedMs: inode.accessedMs,
  };
  if (type === InodeType.SymbolicLink) status.target = textFromByteString(inode.target);
  if (mounted !== undefined) status.mounted = mountedStatus(mounted);
  return status;
}

type Writable<Type> = { -readonly [Field in keyof Type]: Type[Field] };

function mountedStatus({ mount, complete, fingerprint }: Mounted): MountedStatus {
  return { mount, complete, fingerprint: textFromByteString(fingerprint) };
}
