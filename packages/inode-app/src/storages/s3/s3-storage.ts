import { OpenCalls } from '../open-calls.js';
import type {
  LocationPurpose,
  RemoveOptions,
  StepOptions,
  Storage,
  StorageAbilities,
  StorageEntry,
  StorageLocation,
  StoragePage,
} from '../storage.js';
import { StorageError, type StorageErrorCode } from '../storage-error.js';
import { isWithin, lastName, parentPath } from '../storage-path.js';
import { S3Bucket } from './s3-bucket.js';
import { isAnother, S3Copier } from './s3-copier.js';
import { DirectoryPages, directoryEntry, fileEntry, isPrefix } from './s3-directory.js';
import { keyFault } from './s3-keys.js';
import type { S3Credentials, S3Place } from './s3-place.js';
import { S3TreeCopy } from './s3-tree-copy.js';

/** For which a signed URL is good; credentials that end earlier end it. */
const SIGNED_SECONDS = 900;

/**
 * A bucket, or the keys in it that begin with a prefix.
 *
 * A key is a file. A directory is what keys have in common up to a `/`; an empty object of that name with the `/` (the
 * marker, as Amazon's console makes it) keeps one that is empty. `makeDirectory` makes a marker; whatever removes an
 * entry first makes the one of the directory it is in, which stays: it costs a HEAD, and a PUT where nobody did so
 * before. The place itself needs none: it is there as long as the bucket is. A bucket that is missing is NOT_FOUND.
 *
 * Where a key is also a prefix, the file is there and the prefix is not: it comes to light when the file is removed.
 * Keys with `//`, `.` and the like are skipped by `list`, and not by `remove`, `copy` and `removeCopied`, which take
 * all that is below. Paths are not checked further up: below a key that is a file nothing should be asked for.
 *
 * What others write at the same time is seen where the server knows If-None-Match (AWS, and most others); else it can
 * be lost in the moment between a look and a change. Listings must be in the order of bytes: not those of S3 Express.
 */
export class S3Storage implements Storage {
  readonly abilities: StorageAbilities = { renames: { files: false, directories: false } };
  readonly #open = new OpenCalls();
  readonly #prefix: string;
  readonly #bucket: S3Bucket;
  readonly #copier: S3Copier;
  readonly #trees: S3TreeCopy;

  constructor(place: S3Place, credentials: S3Credentials | undefined) {
    this.#prefix = place.prefix;
    this.#bucket = new S3Bucket(place, credentials);
    this.#copier = new S3Copier(this.#bucket, place);
    this.#trees = new S3TreeCopy(this.#bucket, this.#copier, place.parallel);
  }

  pathFault(path: string): string | undefined {
    return keyFault(this.#prefix, path);
  }

  stat(path: string, signal: AbortSignal): Promise<StorageEntry | undefined> {
    return this.#run(signal, [path], (within) => this.#stat(path, within));
  }

  async *list(path: string, signal: AbortSignal): AsyncGenerator<StoragePage, void, void> {
    const prefix = this.#directoryKey(path);
    const directory = new DirectoryPages(prefix);
    await this.#run(signal, [path], (within) => this.#refuseFile(path, within));
    // Each page with a signal of its own: between two of them nothing is under way.
    let pages: AsyncGenerator<StoragePage, void, void> | undefined;
    const controller = new AbortController();
    try {
      for (;;) {
        const { done, value } = await this.#run(signal, [], (within) => {
          within.addEventListener('abort', () => controller.abort(within.reason), { once: true });
          pages ??= this.#pages(prefix, directory, controller.signal);
          return pages.next();
        });
        if (done === true) break;
        yield value;
      }
    } finally {
      await pages?.return();
    }
    if (!directory.isFound && path !== '') throw refusal('NOT_FOUND', path, 'nothing is there');
  }

  makeDirectory(path: string, signal: AbortSignal): Promise<void> {
    return this.#run(signal, [path], async (within) => {
      const [there] = await Promise.all([
        this.#stat(path, within),
        this.#checkParent(path, within),
      ]);
      const isMade =
        there === undefined && (await this.#bucket.putEmpty(this.#directoryKey(path), within));
      if (!isMade) throw refusal('ALREADY_EXISTS', path, 'something is there already');
    });
  }

  remove(path: string, options: RemoveOptions, signal: AbortSignal): Promise<void> {
    return this.#run(signal, [path], async (within) => {
      const { type } = await this.#find(path, within);
      refusePlace(path);
      const done = progress(options);
      const isDirectory = type === 'directory';
      if (isDirectory && !options.recursive) await this.#refuseFilled(path, within);
      await this.#keepParent(path, within);
      if (isDirectory) return this.#removeAll(this.#directoryKey(path), done, within);
      await this.#bucket.delete(this.#key(path), within);
      done(1);
    });
  }

  /** Always UNSUPPORTED: S3 renames nothing. */
  rename(source: string, destination: string, signal: AbortSignal): Promise<void> {
    return this.#run(signal, [source, destination], async () => {
      throw refusal('UNSUPPORTED', source, 'S3 renames nothing: copy it');
    });
  }

  copy(
    source: string,
    destination: string,
    options: StepOptions,
    signal: AbortSignal,
  ): Promise<void> {
    return this.#run(signal, [source, destination], async (within) => {
      const { type } = await this.#find(source, within);
      refusePlace(source);
      if (isWithin(destination, source)) {
        throw refusal('UNSUPPORTED', source, 'it can not be moved to itself or below');
      }
      await this.#checkParent(destination, within);
      const there = await this.#stat(destination, within);
      if (there !== undefined && there.type !== type) throw isAnother(this.#key(destination));
      const done = progress(options);
      if (type === 'file') await this.#copyFile(source, destination, within);
      else {
        const keys = [this.#directoryKey(source), this.#directoryKey(destination)] as const;
        return this.#trees.copy(...keys, () => done(1), within);
      }
      done(1);
    });
  }

  removeCopied(
    source: string,
    destination: string,
    options: StepOptions,
    signal: AbortSignal,
  ): Promise<number> {
    return this.#run(signal, [source, destination], async (within) => {
      refusePlace(source);
      const entry = await this.#stat(source, within);
      if (entry === undefined) return 0;
      await this.#keepParent(source, within);
      const done = progress(options);
      if (entry.type === 'directory') {
        const keys = [this.#directoryKey(source), this.#directoryKey(destination)] as const;
        return this.#trees.removeCopied(...keys, () => done(1), within);
      }
      if (!(await this.#isCopied(source, destination, within))) return 1;
      await this.#bucket.delete(this.#key(source), within);
      done(1);
      return 0;
    });
  }

  location(path: string, purpose: LocationPurpose, signal: AbortSignal): Promise<StorageLocation> {
    return this.#run(signal, [path], async () => {
      if (path === '') throw refusal('IS_A_DIRECTORY', path, 'a directory has no content');
      const method = purpose === 'read' ? 'GET' : 'PUT';
      const location = await this.#bucket.signedUrl(this.#key(path), method, SIGNED_SECONDS);
      return { kind: 'url', location, method, validMs: SIGNED_SECONDS * 1000 };
    });
  }

  async close(): Promise<void> {
    this.#open.close();
    this.#bucket.client.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #key(path: string): string {
    return `${this.#prefix}${path}`;
  }

  /** What the keys of a directory begin with, and its marker's own. */
  #directoryKey(path: string): string {
    return path === '' ? this.#prefix : `${this.#key(path)}/`;
  }

  #run<Result>(
    signal: AbortSignal,
    paths: readonly string[],
    call: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    return this.#open.run(signal, async (within) => {
      for (const path of paths) {
        const fault = this.pathFault(path);
        if (fault !== undefined) throw refusal('UNSUPPORTED', path, fault);
      }
      return call(within);
    });
  }

  async #stat(path: string, signal: AbortSignal): Promise<StorageEntry | undefined> {
    const object = path === '' ? undefined : await this.#bucket.head(this.#key(path), signal);
    if (object !== undefined) return fileEntry(lastName(path), object);
    // It also tells whether there is a bucket, which HEAD does not.
    const isThere = await isPrefix(this.#bucket, this.#directoryKey(path), signal);
    return isThere || path === '' ? directoryEntry(lastName(path)) : undefined;
  }

  async #find(path: string, signal: AbortSignal): Promise<StorageEntry> {
    const entry = await this.#stat(path, signal);
    if (entry === undefined) throw refusal('NOT_FOUND', path, 'nothing is there');
    return entry;
  }

  async #refuseFile(path: string, signal: AbortSignal): Promise<void> {
    if (path === '') return;
    const object = await this.#bucket.head(this.#key(path), signal);
    if (object !== undefined) throw refusal('NOT_A_DIRECTORY', path, 'it is a file');
  }

  async *#pages(
    prefix: string,
    directory: DirectoryPages,
    signal: AbortSignal,
  ): AsyncGenerator<StoragePage, void, void> {
    for await (const page of this.#bucket.list({ prefix, isDelimited: true }, signal)) {
      yield directory.page(page);
    }
  }

  /** Rejects unless there is a directory for an entry to be made in. */
  async #checkParent(path: string, signal: AbortSignal): Promise<void> {
    const parent = parentPath(path);
    // The place is there where the bucket is, which every request tells.
    if (parent === '') return;
    const { type } = await this.#find(parent, signal);
    if (type !== 'directory') throw refusal('NOT_A_DIRECTORY', parent, 'it is a file');
  }

  async #refuseFilled(path: string, signal: AbortSignal): Promise<void> {
    const marker = this.#directoryKey(path);
    const keys = await this.#bucket.firstKeys(marker, 2, signal);
    if (keys.some((key) => key !== marker)) {
      throw refusal('NOT_EMPTY', path, 'there is something in it');
    }
  }

  /** So that the directory of an entry stays, though nothing else be in it. */
  async #keepParent(path: string, signal: AbortSignal): Promise<void> {
    const parent = parentPath(path);
    if (parent === '') return;
    const marker = this.#directoryKey(parent);
    if ((await this.#bucket.head(marker, signal)) === undefined) {
      await this.#bucket.putEmpty(marker, signal);
    }
  }

  async #removeAll(
    prefix: string,
    done: (entries: number) => void,
    signal: AbortSignal,
  ): Promise<void> {
    for await (const { objects } of this.#bucket.list({ prefix, isDelimited: false }, signal)) {
      const keys = objects.map(({ key }) => key);
      await this.#bucket.deleteAll(keys, signal);
      done(keys.length);
    }
  }

  async #copyFile(source: string, destination: string, signal: AbortSignal): Promise<void> {
    const object = await this.#bucket.head(this.#key(source), signal);
    if (object === undefined) throw refusal('NOT_FOUND', source, 'nothing is there');
    const key = this.#key(destination);
    const there = await this.#bucket.head(key, signal);
    if (there === undefined) await this.#copier.copy(object, key, signal);
    else if (!(await this.#copier.isCopy(object, there, signal))) throw isAnother(key);
  }

  async #isCopied(source: string, destination: string, signal: AbortSignal): Promise<boolean> {
    const [object, there] = await Promise.all([
      this.#bucket.head(this.#key(source), signal),
      this.#bucket.head(this.#key(destination), signal),
    ]);
    if (object === undefined || there === undefined) return false;
    return this.#copier.isCopy(object, there, signal);
  }
}

function refusePlace(path: string): void {
  if (path === '') throw refusal('UNSUPPORTED', path, 'it stays where it is');
}

function refusal(code: StorageErrorCode, path: string, problem: string): StorageError {
  const where = path === '' ? 'The place itself' : JSON.stringify(path);
  return new StorageError(code, `${where}: ${problem}`);
}

/** Counts entries, and tells of each step. */
function progress({ onProgress }: StepOptions): (entries: number) => void {
  let all = 0;
  return (entries) => {
    all += entries;
    onProgress?.(all);
  };
}
