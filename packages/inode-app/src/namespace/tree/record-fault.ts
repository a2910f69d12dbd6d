import { MAX_MODE, MAX_PRINCIPAL_BYTES, MAX_TARGET_BYTES, MAX_TIME_MS } from '../limits.js';
import { InodeType, ROOT_ID } from './inode.js';
import type { InodeRecord } from './inode-record.js';

/**
 * What no rule ever makes of an inode, in words; undefined for a sound one. Ids from `nextId` on
 * were never given. Checked before a record is written and after it was read.
 */
export function recordFault(inode: InodeRecord, nextId: number): string | undefined {
  const { id, type, mode, size, modifiedMs, accessedMs, children } = inode;
  if (!isWhole(id, ROOT_ID, nextId - 1)) return `the inode id ${id}, which was never given`;
  const what = `inode ${id} with`;
  if (!isWhole(mode, 0, MAX_MODE)) return `${what} mode ${mode}`;
  if (!isWhole(size, 0, Number.MAX_SAFE_INTEGER)) return `${what} size ${size}`;
  if (!isTime(modifiedMs)) return `${what} modification time ${modifiedMs}`;
  if (!isTime(accessedMs)) return `${what} access time ${accessedMs}`;
  const maxChildren = type === InodeType.Directory ? Number.MAX_SAFE_INTEGER : 0;
  if (!isWhole(children, 0, maxChildren)) return `${what} ${children} entries`;
  if (!isPrincipal(inode.owner)) return `${what} an owner of ${inode.owner.length} bytes`;
  if (!isPrincipal(inode.group)) return `${what} a group of ${inode.group.length} bytes`;
  const targetBytes = inode.target.length;
  const [least, most] = type === InodeType.SymbolicLink ? [1, MAX_TARGET_BYTES] : [0, 0];
  return isWhole(targetBytes, least, most) ? undefined : `${what} a target of ${targetBytes} bytes`;
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

function isTime(ms: number): boolean {
  return isWhole(ms, -MAX_TIME_MS, MAX_TIME_MS);
}

function isPrincipal(name: string): boolean {
  return name.length > 0 && name.length <= MAX_PRINCIPAL_BYTES;
}
