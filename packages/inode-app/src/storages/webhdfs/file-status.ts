import type { StorageEntry, StorageEntryType } from '../storage.js';

const TYPES = new Map<unknown, StorageEntryType>([
  ['DIRECTORY', 'directory'],
  ['FILE', 'file'],
  ['SYMLINK', 'symlink'],
]);

/**
 * WebHDFS's FileStatus as an entry; undefined where it is none. Of a file that is being written HDFS tells the bytes of
 * its full blocks, mostly 0; once it is closed, its size, and another time and fingerprint.
 */
export function storageEntry(status: unknown, name: string): StorageEntry | undefined {
  if (!isRecord(status)) return undefined;
  const type = TYPES.get(status.type);
  const length = wholeNumber(status.length);
  const modifiedMs = wholeNumber(status.modificationTime);
  if (type === undefined || length === undefined || modifiedMs === undefined) return undefined;
  return {
    name,
    type,
    size: type === 'file' ? length : 0,
    modifiedMs,
    mode: permissionBits(status.permission),
    owner: text(status.owner),
    group: text(status.group),
    target: type === 'symlink' ? (text(status.symlink) ?? '') : undefined,
    // A file that replaces another has an id of its own. HttpFS tells none.
    fingerprint:
      type === 'file' ? `${modifiedMs}-${length}-${wholeNumber(status.fileId) ?? ''}` : '',
  };
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function wholeNumber(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : undefined;
}

function permissionBits(value: unknown): number | undefined {
  return typeof value === 'string' && /^[0-7]{1,4}$/.test(value)
    ? Number.parseInt(value, 8)
    : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
