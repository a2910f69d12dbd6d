import { constants } from 'node:fs';
import { type FileHandle, open, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';

/** What a path within a store leads to. */
export type StoredEntry =
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'file'; readonly path: string };

/** More names than this no path of a store has. */
const MAX_NAMES = 32;

/**
 * Finds what a request asks for. A link is followed where it leads to a place within the store; whatever
 * else is outside of it, or neither file nor directory, is as if it were not there.
 *
 * @param pathname of an address: begins with a slash, names encoded
 */
export async function storedEntry(
  store: string,
  pathname: string,
): Promise<StoredEntry | undefined> {
  const names = namesIn(pathname);
  if (names === undefined) return undefined;
  try {
    const root = await realpath(store);
    const path = await realpath(join(root, ...names));
    if (path !== root && !path.startsWith(root.endsWith(sep) ? root : root + sep)) return undefined;
    const found = await stat(path);
    if (found.isDirectory()) return { kind: 'directory', path };
    return found.isFile() ? { kind: 'file', path } : undefined;
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

/** Undefined where no file can be meant. */
function namesIn(pathname: string): readonly string[] | undefined {
  const encoded = pathname.split('/').filter((name) => name !== '');
  if (encoded.length > MAX_NAMES) return undefined;
  try {
    const names = encoded.map(decodeURIComponent);
    return names.every(isName) ? names : undefined;
  } catch {
    return undefined;
  }
}

function isName(name: string): boolean {
  return name !== '.' && name !== '..' && !/[/\\\0]/.test(name);
}

/**
 * Opens a file that `storedEntry` found. Where a link or something that is no file has taken its place
 * meanwhile, it is as if nothing were there.
 */
export async function openStored(
  path: string,
): Promise<{ readonly file: FileHandle; readonly bytes: number } | undefined> {
  let file: FileHandle | undefined;
  try {
    // A pipe would keep the opening waiting for who writes to it.
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const found = await file.stat();
    if (found.isFile()) return { file, bytes: found.size };
    await file.close();
    return undefined;
  } catch (error) {
    await file?.close().catch(() => {});
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

const ABSENCES: ReadonlySet<unknown> = new Set([
  'EACCES',
  'ELOOP',
  'ENAMETOOLONG',
  'ENOENT',
  'ENOTDIR',
  'ENXIO',
]);

function isAbsence(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ABSENCES.has(error.code);
}
