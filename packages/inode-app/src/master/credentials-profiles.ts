import { readFile, stat } from 'node:fs/promises';
import { displayMessage } from '../display-names.js';
import type { StorageCredentials } from '../storages/storage.js';
import { StorageError } from '../storages/storage-error.js';

/** Bytes of the file at most. */
const MAX_BYTES = 1024 * 1024;
/** Permissions of others than the owner. */
const OTHERS = 0o077;

/**
 * The credentials under a name in a file of this member's own: a JSON object with an object of texts for each name. It is
 * read each time, so that new secrets are used with the next storage that is opened. Rejects with StorageError INVALID,
 * whose message holds nothing of what the file does.
 */
export async function profileIn(
  file: string | undefined,
  profile: string,
): Promise<StorageCredentials> {
  if (file === undefined) {
    throw invalid(`this master has no file of profiles: start it with --profiles`);
  }
  const profiles = await readProfiles(file);
  const found = Object.hasOwn(profiles, profile) ? Reflect.get(profiles, profile) : undefined;
  if (found === undefined) throw invalid(`${file} has no profile "${profile}"`);
  if (isRecord(found) && Object.values(found).every((value) => typeof value === 'string')) {
    return found as StorageCredentials;
  }
  throw invalid(`the profile "${profile}" in ${file} must be an object whose values are texts`);
}

async function readProfiles(file: string): Promise<object> {
  let parsed: unknown;
  try {
    const { size } = await stat(file);
    if (size > MAX_BYTES) throw new Error(`it has ${size} bytes, more than ${MAX_BYTES}`);
    parsed = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    // What JSON.parse says quotes what it found.
    const why = error instanceof SyntaxError ? 'it is no JSON' : String(error);
    throw invalid(`${file} can't be read: ${why}`);
  }
  if (isRecord(parsed)) return parsed;
  throw invalid(`${file} must hold an object, with an object for each profile`);
}

/** What is wrong with who may read the file, in words. */
export async function profilesFault(file: string): Promise<string | undefined> {
  const found = await stat(file).catch((error: unknown) => String(error));
  if (typeof found === 'string') return `${file} can't be read: ${found}`;
  if ((found.mode & OTHERS) === 0) return undefined;
  return `${file} holds credentials, and others than its owner may read or change it: chmod 600`;
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(message: string): StorageError {
  return new StorageError('INVALID', displayMessage(message));
}
