import {
  MAX_FINGERPRINT_BYTES,
  MAX_MODE,
  MAX_PRINCIPAL_BYTES,
  MAX_TARGET_BYTES,
  MAX_TIME_MS,
} from '../limits.js';
import { InodeType, ROOT_ID } from './inode.js';
import type { InodeRecord } from './inode-record.js';

/**
 * What no rule ever makes of an inode, in words; undefined for a sound one. Ids from `nextId` on
 * were never given. Checked before a record is written and after it was read.
 */
export function recordFault(inode: InodeRecord, nextId: number): string | undefined {
  const { id, mode, size, modifiedMs, accessedMs, children } = inode;
  if (!isWhole(id, ROOT_ID, nextId - 1)) return `the inode id ${id}, which was never given`;
  if (!isWhole(mode, 0, MAX_MODE)) return `inode ${id} with mode ${mode}`;
  if (!isWhole(size, 0, Number.MAX_SAFE_INTEGER)) return `inode ${id} with size ${size}`;
  if (!isTime(modifiedMs)) return `inode ${id} with modification time ${modifiedMs}`;
  if (!isTime(accessedMs)) return `inode ${id} with access time ${accessedMs}`;
  if (!childrenSound(inode)) return `inode ${id} with ${children} entries`;
  if (!isPrincipal(inode.owner)) return `inode ${id} with an owner of ${inode.owner.length} bytes`;
  if (!isPrincipal(inode.group)) return `inode ${id} with a group of ${inode.group.length} bytes`;
  if (!targetSound(inode)) return `inode ${id} with a target of ${inode.target.length} bytes`;
  return mountedSound(inode, nextId) ? undefined : `inode ${id} in a mount that can't be`;
}

function childrenSound({ type, children }: InodeRecord): boolean {
  return type === InodeType.Directory
    ? isWhole(children, 0, Number.MAX_SAFE_INTEGER)
    : children === 0;
}

function targetSound({ type, target }: InodeRecord): boolean {
  return type === InodeType.SymbolicLink
    ? target.length > 0 && target.length <= MAX_TARGET_BYTES
    : target.length === 0;
}

function mountedSound({ mounted, type }: InodeRecord, nextId: number): boolean {
  if (mounted === undefined) return true;
  const { mount, fingerprint } = mounted;
  if (!isWhole(mount, ROOT_ID + 1, nextId - 1)) return false;
  return fingerprint.length <= (type === InodeType.File ? MAX_FINGERPRINT_BYTES : 0);
}

/** A whole number from `least` to `most`. */
export function isWhole(value: number, least: number, most: number): boolean {
  return value >= least && value <= most && Math.floor(value) === value;
}

function isTime(ms: number): boolean {
  return isWhole(ms, -MAX_TIME_MS, MAX_TIME_MS);
}

/** Whether an owner or group may be so long. */
export function isPrincipal(name: string): boolean {
  return name.length > 0 && name.length <= MAX_PRINCIPAL_BYTES;
}
