import {
  MAX_FINGERPRINT_CHARACTERS,
  type SkippedEntry,
  type StorageEntry,
  type StoragePage,
} from '../storage.js';
import { type S3Bucket, type S3Object, type S3Page, versionOf } from './s3-bucket.js';
import { keyNameFault } from './s3-keys.js';

export function fileEntry(name: string, object: S3Object): StorageEntry {
  const { size, modifiedMs } = object;
  const fingerprint = versionOf(object).slice(0, MAX_FINGERPRINT_CHARACTERS);
  return { ...NOTHING_MORE, name, type: 'file', size, modifiedMs, fingerprint };
}

/** A prefix has no time, not even where there is a marker: some keys tell of it by themselves. */
export function directoryEntry(name: string): StorageEntry {
  return {
    ...NOTHING_MORE,
    name,
    type: 'directory',
    size: 0,
    modifiedMs: undefined,
    fingerprint: '',
  };
}

const NOTHING_MORE = { mode: undefined, owner: undefined, group: undefined, target: undefined };

/**
 * The entries below a prefix, as pages come from the server. Where a key is also a prefix (`a` and `a/b`), the key is
 * the entry, and the prefix is skipped.
 */
export class DirectoryPages {
  readonly #prefix: string;
  /**
   * Names of files below which keys may still come. Between `a` and `a/` the order of keys has all that begin with `a`
   * and go on below `/`, in any number: these are the beginnings of the last key that was seen, and so never many.
   */
  #openFiles: ReadonlySet<string> = new Set();
  /** Whether any key was seen, the directory's own marker too. */
  isFound = false;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  page({ objects, prefixes }: S3Page): StoragePage {
    const skipped: SkippedEntry[] = [];
    const entries: StorageEntry[] = [];
    if (objects.length + prefixes.length > 0) this.isFound = true;
    for (const object of objects) this.#addObject(object, entries, skipped);
    const files = new Set([...this.#openFiles, ...entries.map(({ name }) => name)]);
    for (const prefix of new Set(prefixes)) {
      const name = prefix.slice(this.#prefix.length, -1);
      const fault = files.has(name)
        ? 'a prefix with the name of a key, which is the file'
        : keyNameFault(name);
      if (fault === undefined) entries.push(directoryEntry(name));
      else skipped.push({ name: `${name}/`, reason: fault });
    }
    this.#openFiles = this.#beginnings(files, [objects.at(-1)?.key, prefixes.at(-1)]);
    return { entries, skipped };
  }

  #addObject(object: S3Object, entries: StorageEntry[], skipped: SkippedEntry[]): void {
    const name = object.key.slice(this.#prefix.length);
    if (name === '') {
      if (object.size > 0)
        skipped.push({ name: '/', reason: 'a marker of a directory that has content' });
      return;
    }
    const fault = keyNameFault(name);
    if (fault === undefined) entries.push(fileEntry(name, object));
    else skipped.push({ name, reason: fault });
  }

  #beginnings(
    files: ReadonlySet<string>,
    lastKeys: readonly (string | undefined)[],
  ): ReadonlySet<string> {
    const lastNames = lastKeys.map((key) => key?.slice(this.#prefix.length));
    return new Set(
      [...files].filter((file) => lastNames.some((last) => last?.startsWith(file) === true)),
    );
  }
}

/** Whether keys are below a prefix; a marker of its own counts. */
export async function isPrefix(
  bucket: S3Bucket,
  prefix: string,
  signal: AbortSignal,
): Promise<boolean> {
  return (await bucket.firstKeys(prefix, 1, signal)).length > 0;
}
