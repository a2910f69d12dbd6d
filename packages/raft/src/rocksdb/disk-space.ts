import { statfs } from 'node:fs/promises';

const FULL_CODES: ReadonlySet<unknown> = new Set(['LOG_FULL', 'DATABASE_FULL', 'ENOSPC', 'EDQUOT']);

/** What the file system, or RocksDB in its words, says when there is no room. */
const FULL_TEXTS = ['ENOSPC', 'No space left on device', 'EDQUOT', 'Disk quota exceeded'];

/** Whether `error`, or what caused it, is that there was no room on the disk, or none by quota. */
export function isDiskFull(error: unknown): boolean {
  let cause = error;
  while (cause instanceof Error) {
    if ('code' in cause && FULL_CODES.has(cause.code)) return true;
    cause = cause.cause;
  }
  return false;
}

/** Whether a report of the file system or of RocksDB means the same. */
export function meansDiskFull(reason: string): boolean {
  return FULL_TEXTS.some((text) => reason.includes(text));
}

/**
 * Bytes that this user may still write where `directory` lies: 0 too where there is room but no
 * file can be made any more. Rejects with what the file system reports.
 */
export async function freeDiskBytes(directory: string): Promise<number> {
  const { bavail, bsize, files, ffree } = await statfs(directory);
  // File systems without a fixed number of files report none at all.
  return files > 0 && ffree === 0 ? 0 : bavail * bsize;
}
