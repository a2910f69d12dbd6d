import { readFileSync } from 'node:fs';

/** Taken for what a process may open where the system does not tell. */
const DEFAULT_OPEN_FILES = 1_024;

/** Files that are left to other things than a server's clients, at least. */
const OTHER_FILES = 192;
/** And of many files this part. */
const OTHER_SHARE = 0.1;

/**
 * Files, sockets included, that this process may have open (`ulimit -n`); 1,024 where it can't be
 * known: anywhere but on Linux. Node raises the soft limit to the hard one as it starts.
 */
export function openFileLimit(): number {
  let limits: string;
  try {
    limits = readFileSync('/proc/self/limits', 'latin1');
  } catch {
    return DEFAULT_OPEN_FILES;
  }
  return parseOpenFileLimit(limits);
}

/** `limits`: as in /proc/self/limits. */
export function parseOpenFileLimit(limits: string): number {
  const soft = /^Max open files\s+(\S+)/m.exec(limits)?.[1];
  if (soft === 'unlimited') return Number.MAX_SAFE_INTEGER;
  const files = Number(soft);
  return Number.isSafeInteger(files) && files > 0 ? files : DEFAULT_OPEN_FILES;
}

/**
 * Connections of clients for which `limit` files have room, beside a tenth of them, or
 * `otherFiles` where that is more (192 by default); at least one.
 */
export function connectionsWithin(limit: number, otherFiles: number = OTHER_FILES): number {
  return Math.max(1, limit - Math.max(otherFiles, Math.ceil(limit * OTHER_SHARE)));
}
