import { MAX_MODE, MAX_PRINCIPAL_BYTES, MAX_TARGET_BYTES, MAX_TIME_MS } from '../limits.js';
import { type ByteString, NO_BYTES } from './byte-string.js';
import { type ATTRIBUTE_FIELDS, type Inode, InodeType, type Mounted } from './inode.js';
import { DEFAULT_PRINCIPAL, type InodeRecord } from './inode-record.js';
import { isPrincipal, isWhole } from './record-fault.js';

/** What an inode is given; what is left out (undefined) gets the default, or stays as it is. */
export type NewAttributes = {
  readonly [Field in (typeof ATTRIBUTE_FIELDS)[number]]?: Inode[Field] | undefined;
};

/** Nothing given: every attribute gets its default, or stays as it is. */
export const NO_ATTRIBUTES: NewAttributes = Object.freeze({
  mode: undefined,
  owner: undefined,
  group: undefined,
  size: undefined,
  modifiedMs: undefined,
  accessedMs: undefined,
});

/** Whether any attribute is given. */
export function givesAny(attributes: NewAttributes): boolean {
  return Object.values(attributes).some((value) => value !== undefined);
}

/** Whether every attribute that is given is within its limits. */
export function attributesValid(attributes: NewAttributes): boolean {
  return attributesFault(attributes) === undefined;
}

/** What is out of its limits among the attributes, and within which it has to be, in words. */
export function attributesFault(attributes: NewAttributes): string | undefined {
  if (attributes === NO_ATTRIBUTES) return undefined;
  return (
    numberFault('mode', attributes.mode, 0, MAX_MODE) ??
    numberFault('size', attributes.size, 0, Number.MAX_SAFE_INTEGER) ??
    numberFault('modifiedMs', attributes.modifiedMs, -MAX_TIME_MS, MAX_TIME_MS) ??
    numberFault('accessedMs', attributes.accessedMs, -MAX_TIME_MS, MAX_TIME_MS) ??
    principalFault('owner', attributes.owner) ??
    principalFault('group', attributes.group)
  );
}

function numberFault(
  what: string,
  value: number | undefined,
  least: number,
  most: number,
): string | undefined {
  if (value === undefined || isWhole(value, least, most)) return undefined;
  return `${what} must be a whole number from ${least} to ${most}, not ${value}`;
}

function principalFault(what: string, name: ByteString | undefined): string | undefined {
  if (name === undefined) return undefined;
  if (!isPrincipal(name)) {
    return `${what} must have 1 to ${MAX_PRINCIPAL_BYTES} bytes, not ${name.length}`;
  }
  return name.includes('\0') ? `${what} must not hold NUL` : undefined;
}

/** Whether a symbolic link may point there: anything but nothing, NUL, or too much. */
export function targetValid(target: ByteString): boolean {
  return targetFault(target) === undefined;
}

/** What keeps a target from being one, in words. */
export function targetFault(target: ByteString): string | undefined {
  if (target.length === 0 || target.length > MAX_TARGET_BYTES) {
    return `target must have 1 to ${MAX_TARGET_BYTES} bytes, not ${target.length}`;
  }
  return target.includes('\0') ? 'target must not hold NUL' : undefined;
}

/** What an inode is by its type, where its attributes say nothing. */
export type InodeDefaults = Pick<Inode, 'type' | 'mode' | 'size' | 'target'>;

/** What a directory is. */
export const DIRECTORY: InodeDefaults = {
  type: InodeType.Directory,
  mode: 0o755,
  size: 0,
  target: NO_BYTES,
};

/** The root of a new tree: the same on every member, so it needs no entry in the log. */
export function newRoot(id: number): InodeRecord {
  return newInode(id, DIRECTORY, NO_ATTRIBUTES, 0);
}

/** The record of a new inode. */
export function newInode(
  id: number,
  defaults: InodeDefaults,
  attributes: NewAttributes,
  timeMs: number,
  mounted?: Mounted,
): InodeRecord {
  return {
    id,
    type: defaults.type,
    mode: plain(attributes.mode ?? defaults.mode),
    owner: attributes.owner ?? DEFAULT_PRINCIPAL,
    group: attributes.group ?? DEFAULT_PRINCIPAL,
    size: plain(attributes.size ?? defaults.size),
    modifiedMs: plain(attributes.modifiedMs ?? timeMs),
    accessedMs: plain(attributes.accessedMs ?? timeMs),
    target: defaults.target,
    mounted,
    children: 0,
  };
}

/** A record with what is given changed. A new size without a time is a modification now. */
export function withAttributes(
  inode: InodeRecord,
  attributes: NewAttributes,
  timeMs: number,
): InodeRecord {
  const touchedMs = attributes.size === undefined ? inode.modifiedMs : timeMs;
  return {
    id: inode.id,
    type: inode.type,
    mode: plain(attributes.mode ?? inode.mode),
    owner: attributes.owner ?? inode.owner,
    group: attributes.group ?? inode.group,
    size: plain(attributes.size ?? inode.size),
    modifiedMs: plain(attributes.modifiedMs ?? touchedMs),
    accessedMs: plain(attributes.accessedMs ?? inode.accessedMs),
    target: inode.target,
    mounted: inode.mounted,
    children: inode.children,
  };
}

/** A row cannot tell -0 from 0, so no record holds it. */
export function plain(value: number): number {
  return value + 0;
}
