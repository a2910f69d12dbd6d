import type { BigIntStats } from 'node:fs';
import type { StorageEntry, StorageEntryType } from '../storage.js';
import type { AccountNames } from './account-names.js';

const PERMISSION_BITS = 0o7777n;

export interface LocalAccounts {
  readonly users: AccountNames;
  readonly groups: AccountNames;
}

/** What something is, where a tree can hold it. */
export function entryType(stats: BigIntStats): StorageEntryType | undefined {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink()) return 'symlink';
  return undefined;
}

/** What no tree holds, in words. */
export function unheldKind(stats: BigIntStats): string {
  if (stats.isSocket()) return 'a socket';
  if (stats.isFIFO()) return 'a named pipe';
  if (stats.isBlockDevice() || stats.isCharacterDevice()) return 'a device';
  return 'of an unknown type';
}

export function localEntry(
  name: string,
  type: StorageEntryType,
  stats: BigIntStats,
  target: string | undefined,
  { users, groups }: LocalAccounts,
): StorageEntry {
  return {
    name,
    type,
    size: type === 'file' ? Number(stats.size) : 0,
    modifiedMs: Number(stats.mtimeMs),
    mode: Number(stats.mode & PERMISSION_BITS),
    owner: users.nameOf(stats.uid),
    group: groups.nameOf(stats.gid),
    target,
    fingerprint: type === 'file' ? fingerprintOf(stats) : '',
  };
}

/** The inode's number tells of a file that was put in another's place with its time kept. */
function fingerprintOf({ mtimeNs, size, ino }: BigIntStats): string {
  return `${mtimeNs.toString(36)}-${size.toString(36)}-${ino.toString(36)}`;
}
