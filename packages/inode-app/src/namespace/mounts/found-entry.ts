import { MAX_FINGERPRINT_BYTES, MAX_NAME_BYTES } from '../limits.js';
import {
  attributesFault,
  type NewAttributes,
  newInode,
  plain,
  targetFault,
} from '../tree/attributes.js';
import { type ByteString, NO_BYTES } from '../tree/byte-string.js';
import { InodeType, isInodeType, type Mounted } from '../tree/inode.js';
import type { InodeRecord } from '../tree/inode-record.js';
import { WireError, wireArray, wireBytes, wireNumber } from '../wire-fields.js';

/** What a storage says of one entry, in the tree's terms. */
export interface FoundEntry {
  readonly type: InodeType;
  /** Undefined for what the storage does not keep. */
  readonly mode: number | undefined;
  readonly owner: ByteString | undefined;
  readonly group: ByteString | undefined;
  readonly size: number;
  readonly modifiedMs: number | undefined;
  readonly target: ByteString;
  readonly fingerprint: ByteString;
}

/** By inode type. */
const DEFAULT_MODES = [0o755, 0o644, 0o777] as const;

/** What no inode can be made of, in words; undefined for what can. */
export function foundFault(found: FoundEntry): string | undefined {
  const { type, target, fingerprint } = found;
  if (fingerprint.length > (type === InodeType.File ? MAX_FINGERPRINT_BYTES : 0)) {
    return `a fingerprint of ${fingerprint.length} bytes`;
  }
  if (type === InodeType.SymbolicLink) {
    const fault = targetFault(target);
    if (fault !== undefined) return fault;
  } else if (target !== NO_BYTES) return 'a target, and is no link';
  return attributesFault(attributesOf(found));
}

/** Whether a directory can hold an entry of this name. */
export function isEntryName(name: ByteString): boolean {
  if (name.length === 0 || name.length > MAX_NAME_BYTES) return false;
  return name !== '.' && name !== '..' && !name.includes('/') && !name.includes('\0');
}

function attributesOf({ mode, owner, group, size, modifiedMs }: FoundEntry): NewAttributes {
  return { mode, owner, group, size, modifiedMs, accessedMs: modifiedMs };
}

/** The record of what was found and was not there before. */
export function inodeOf(id: number, found: FoundEntry, mount: number, timeMs: number): InodeRecord {
  const { type, size, target } = found;
  const defaults = { type, mode: DEFAULT_MODES[type], size, target };
  return newInode(id, defaults, attributesOf(found), timeMs, mountedOf(found, mount));
}

function mountedOf({ type, fingerprint }: FoundEntry, mount: number): Mounted {
  return { mount, complete: type !== InodeType.Directory, fingerprint };
}

/** Whether the tree has all that was found, of an entry of the same type. */
export function isAsFound(inode: InodeRecord, found: FoundEntry): boolean {
  return (
    inode.type === found.type &&
    (found.type === InodeType.Directory || inode.size === found.size) &&
    inode.target === found.target &&
    (found.type === InodeType.Directory || inode.mounted?.complete === true) &&
    inode.mounted?.fingerprint === found.fingerprint &&
    (found.mode === undefined || inode.mode === found.mode) &&
    (found.owner === undefined || inode.owner === found.owner) &&
    (found.group === undefined || inode.group === found.group) &&
    (found.modifiedMs === undefined || inode.modifiedMs === found.modifiedMs)
  );
}

/** A record with what was found of the same entry. */
export function withFound(inode: InodeRecord, found: FoundEntry, mount: number): InodeRecord {
  const isDirectory = inode.type === InodeType.Directory;
  return {
    id: inode.id,
    type: inode.type,
    mode: plain(found.mode ?? inode.mode),
    owner: found.owner ?? inode.owner,
    group: found.group ?? inode.group,
    size: plain(isDirectory ? inode.size : found.size),
    modifiedMs: plain(found.modifiedMs ?? inode.modifiedMs),
    accessedMs: plain(found.modifiedMs ?? inode.accessedMs),
    target: found.target,
    mounted: isDirectory ? inode.mounted : mountedOf(found, mount),
    children: inode.children,
  };
}

/** The form that the log keeps. */
export function encodeFound(found: FoundEntry) {
  const { type, mode, owner, group, size, modifiedMs, target, fingerprint } = found;
  return [
    type,
    mode ?? null,
    owner ?? null,
    group ?? null,
    size,
    modifiedMs ?? null,
    target,
    fingerprint,
  ] as const;
}

/** Throws WireError for what has not the form; what it holds is for `foundFault` to judge. */
export function parseFound(value: unknown): FoundEntry {
  const fields = wireArray(value, 8, 8, 'a found entry');
  const type = fields[0];
  if (!isInodeType(type)) throw new WireError('a found entry of unknown type');
  return {
    type,
    mode: given(fields[1], (mode) => wireNumber(mode, 'mode')),
    owner: given(fields[2], (owner) => wireBytes(owner, 'owner')),
    group: given(fields[3], (group) => wireBytes(group, 'group')),
    size: wireNumber(fields[4], 'size'),
    modifiedMs: given(fields[5], (time) => wireNumber(time, 'modifiedMs')),
    target: wireBytes(fields[6], 'target'),
    fingerprint: wireBytes(fields[7], 'fingerprint'),
  };
}

function given<Value>(value: unknown, parse: (value: unknown) => Value): Value | undefined {
  return value === null ? undefined : parse(value);
}
