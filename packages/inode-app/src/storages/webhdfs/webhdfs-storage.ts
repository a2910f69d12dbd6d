import {
  type LocationPurpose,
  MAX_STORAGE_PAGE,
  type RemoveOptions,
  type SkippedEntry,
  type StepOptions,
  type Storage,
  type StorageEntry,
  type StorageLocation,
  type StoragePage,
} from '../storage.js';
import { StorageError } from '../storage-error.js';
import { isWithin, lastName, parentPath } from '../storage-path.js';
import { isRecord, storageEntry, wholeNumber } from './file-status.js';
import { hdfsNameFault, hdfsPathFault } from './hdfs-path.js';
import {
  brokenAnswer,
  type NameNodeCall,
  type NameNodes,
  quoted,
  webHdfsTarget,
} from './name-nodes.js';

export interface WebHdfsStorageOptions {
  readonly nameNodes: NameNodes;
  /** From the root. */
  readonly directory: string;
  /** Parameters of the URLs that are given to others: never a token, which opens all that its user may do. */
  readonly locationIdentity: Readonly<Record<string, string>>;
}

/** A directory of HDFS over WebHDFS. Owns its NameNodes' connections. */
export class WebHdfsStorage implements Storage {
  readonly abilities = { renames: { files: true, directories: true } } as const;
  readonly #nameNodes: NameNodes;
  readonly #directory: string;
  readonly #locationIdentity: Readonly<Record<string, string>>;

  constructor({ nameNodes, directory, locationIdentity }: WebHdfsStorageOptions) {
    this.#nameNodes = nameNodes;
    this.#directory = directory;
    this.#locationIdentity = locationIdentity;
  }

  async stat(path: string, signal: AbortSignal): Promise<StorageEntry | undefined> {
    const entry = await this.#stat(this.#place(path), lastName(path), signal);
    if (path === '') return expectDirectory(statCall(this.#directory), this.#directory, entry);
    // HDFS says the same of a path whether it or the whole place is missing.
    if (entry === undefined && this.#directory !== '/') await this.stat('', signal);
    return entry;
  }

  async *list(path: string, signal: AbortSignal): AsyncGenerator<StoragePage, void, void> {
    const place = this.#place(path);
    let startAfter: string | undefined;
    for (;;) {
      const { statuses, remaining } = await this.#listing(place, startAfter, signal);
      yield* pagesOf(statuses, place);
      if (remaining === 0) return;
      const last = suffixOf(statuses.at(-1));
      // Whoever knows no startAfter would begin anew for ever.
      if (last === undefined || last === startAfter) throw brokenAnswer(listCall(place));
      startAfter = last;
    }
  }

  pathFault(path: string): string | undefined {
    return path === '' ? undefined : hdfsPathFault(this.#absolute(path));
  }

  /**
   * HDFS makes parents too, and is content with a directory that is there, and so both are looked at before. If another
   * makes the same directory after that look, both made it; if another removes the parent, it is made anew.
   */
  async makeDirectory(path: string, signal: AbortSignal): Promise<void> {
    const place = this.#place(path);
    const call: NameNodeCall = { method: 'PUT', operation: 'MKDIRS', path: place };
    await this.#expectAbsent(call, place, signal);
    // A place that is missing is not made.
    await this.#expectDirectory(call, path === '' ? place : parentPath(place) || '/', signal);
    const made = booleanOf(await this.#nameNodes.call(call, signal));
    if (made === undefined) throw brokenAnswer(call);
    if (!made) throw refused(call, 'FAILED', 'HDFS says that it is not made, and not why');
  }

  async remove(
    path: string,
    { recursive, onProgress }: RemoveOptions,
    signal: AbortSignal,
  ): Promise<void> {
    const call: NameNodeCall = {
      method: 'DELETE',
      operation: 'DELETE',
      path: this.#place(path),
      parameters: { recursive: String(recursive) },
    };
    this.#nameNodes.throwIfEnded(signal);
    if (path === '') throw refused(call, 'UNSUPPORTED', 'the place itself stays');
    const removed = booleanOf(await leadingNowhere(this.#nameNodes.call(call, signal)));
    if (removed === undefined) throw brokenAnswer(call);
    if (!removed) throw refused(call, 'NOT_FOUND', 'nothing is there');
    // All that was below went in one step, and uncounted.
    onProgress?.(1);
  }

  /**
   * `renameoptions=NONE` refuses a destination that is there. HttpFS does not know it, and would move below a directory;
   * hence the look before, which leaves a moment there for another to make that directory.
   */
  async rename(source: string, destination: string, signal: AbortSignal): Promise<void> {
    const [from, to] = [this.#place(source), this.#place(destination)];
    const call: NameNodeCall = {
      method: 'PUT',
      operation: 'RENAME',
      path: from,
      parameters: { destination: to, renameoptions: 'NONE' },
    };
    this.#nameNodes.throwIfEnded(signal);
    if (source === '') throw refused(call, 'UNSUPPORTED', 'the place itself stays');
    if (source !== destination && isWithin(destination, source)) {
      throw refused(call, 'UNSUPPORTED', 'a directory can not be moved into itself');
    }
    await this.#expectAbsent(call, to, signal);
    const answer = await this.#nameNodes.call(call, signal).catch((error: unknown) => {
      if (hasCode(error, 'NOT_A_DIRECTORY')) return { boolean: false };
      throw error;
    });
    if (answer === undefined) return;
    const renamed = booleanOf(answer);
    if (renamed === undefined) throw brokenAnswer(call);
    if (!renamed) await this.#explainRename(call, to, signal);
  }

  /** HDFS moves everything in one step, and copies nothing by itself. */
  async copy(
    _source: string,
    _destination: string,
    _options: StepOptions,
    signal: AbortSignal,
  ): Promise<void> {
    this.#refuseCopies(signal);
  }

  async removeCopied(
    _source: string,
    _destination: string,
    _options: StepOptions,
    signal: AbortSignal,
  ): Promise<number> {
    return this.#refuseCopies(signal);
  }

  /**
   * A URL of the NameNode that serves, with `user.name` where no token is used: it redirects to the DataNode to read
   * from or write to. A writer sends its PUT without content, and the content to where that leads; what is there is
   * replaced, and no directory made. Where the profile holds a token, whoever asks has to bring one of their own.
   */
  async location(
    path: string,
    purpose: LocationPurpose,
    signal: AbortSignal,
  ): Promise<StorageLocation> {
    const place = this.#place(path);
    this.#nameNodes.throwIfEnded(signal);
    if (path === '') throw refused(statCall(place), 'IS_A_DIRECTORY', 'the place has no content');
    // A NameNode composes characters in the path to which it redirects: another name, and another file.
    if (place !== place.normalize('NFC')) {
      throw refused(
        statCall(place),
        'UNSUPPORTED',
        'WebHDFS reaches no content by decomposed characters',
      );
    }
    const origin = await this.#nameNodes.servingOrigin(signal);
    const [method, operation, parameters] = LOCATIONS[purpose];
    const target = webHdfsTarget(operation, place, { ...parameters, ...this.#locationIdentity });
    return { kind: 'url', location: `${origin}${target}`, method };
  }

  async close(): Promise<void> {
    await this.#nameNodes.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #absolute(path: string): string {
    if (path === '') return this.#directory;
    return this.#directory === '/' ? `/${path}` : `${this.#directory}/${path}`;
  }

  /** Throws UNSUPPORTED for a path that HDFS can't hold: `.snapshot` would show what is no part of the tree. */
  #place(path: string): string {
    const fault = this.pathFault(path);
    if (fault !== undefined) {
      throw new StorageError('UNSUPPORTED', `HDFS can't hold ${quoted(path)}: ${fault}`);
    }
    return this.#absolute(path);
  }

  async #stat(place: string, name: string, signal: AbortSignal): Promise<StorageEntry | undefined> {
    const call = statCall(place);
    let answer: unknown;
    try {
      answer = await leadingNowhere(this.#nameNodes.call(call, signal));
    } catch (error) {
      if (hasCode(error, 'NOT_FOUND')) return undefined;
      throw error;
    }
    const entry = storageEntry(isRecord(answer) ? answer.FileStatus : undefined, name);
    if (entry === undefined) throw brokenAnswer(call);
    return entry;
  }

  /** What comes behind `startAfter`; all at once from a server that knows no batches. */
  async #listing(
    place: string,
    startAfter: string | undefined,
    signal: AbortSignal,
  ): Promise<Listing> {
    const call: NameNodeCall = {
      ...listCall(place),
      parameters: startAfter === undefined ? {} : { startAfter },
    };
    let listing: Listing | undefined;
    try {
      listing = batchOf(await leadingNowhere(this.#nameNodes.call(call, signal)));
    } catch (error) {
      if (startAfter !== undefined || !hasCode(error, 'UNSUPPORTED')) throw error;
      const answer = await this.#nameNodes.call({ ...call, operation: 'LISTSTATUS' }, signal);
      const statuses = statusesOf(answer);
      listing = statuses && { statuses, remaining: 0 };
    }
    if (listing === undefined) throw brokenAnswer(call);
    return listing;
  }

  async #expectAbsent(call: NameNodeCall, place: string, signal: AbortSignal): Promise<void> {
    if ((await this.#stat(place, '', signal)) !== undefined) throw alreadyExists(call, place);
  }

  async #expectDirectory(call: NameNodeCall, place: string, signal: AbortSignal): Promise<void> {
    expectDirectory(call, place, await this.#stat(place, '', signal));
  }

  #refuseCopies(signal: AbortSignal): never {
    this.#nameNodes.throwIfEnded(signal);
    throw new StorageError('UNSUPPORTED', 'HDFS moves everything in one step: rename instead');
  }

  /** Of a rename that was answered with false, which HttpFS does for many a reason. */
  async #explainRename(call: NameNodeCall, to: string, signal: AbortSignal): Promise<never> {
    if ((await this.#stat(call.path, '', signal)) === undefined) {
      throw refused(call, 'NOT_FOUND', 'nothing is there');
    }
    await this.#expectAbsent(call, to, signal);
    await this.#expectDirectory(call, parentPath(to) || '/', signal);
    throw refused(call, 'FAILED', 'HDFS says that it is not moved, and not why');
  }
}

const LOCATIONS = {
  read: ['GET', 'OPEN', {}],
  write: ['PUT', 'CREATE', { overwrite: 'true', createparent: 'false' }],
} as const;

interface Listing {
  readonly statuses: readonly unknown[];
  /** Entries that come behind these. */
  readonly remaining: number;
}

function statCall(path: string): NameNodeCall {
  return { method: 'GET', operation: 'GETFILESTATUS', path };
}

function listCall(path: string): NameNodeCall {
  return { method: 'GET', operation: 'LISTSTATUS_BATCH', path };
}

function batchOf(answer: unknown): Listing | undefined {
  const listing = isRecord(answer) ? answer.DirectoryListing : undefined;
  if (!isRecord(listing)) return undefined;
  const statuses = statusesOf(listing.partialListing);
  const remaining = wholeNumber(listing.remainingEntries);
  return statuses && remaining !== undefined ? { statuses, remaining } : undefined;
}

function statusesOf(listing: unknown): readonly unknown[] | undefined {
  const statuses = isRecord(listing) ? listing.FileStatuses : undefined;
  const list = isRecord(statuses) ? statuses.FileStatus : undefined;
  return Array.isArray(list) ? list : undefined;
}

function* pagesOf(statuses: readonly unknown[], place: string): Generator<StoragePage, void, void> {
  for (let start = 0; start < statuses.length; start += MAX_STORAGE_PAGE) {
    yield pageOf(statuses.slice(start, start + MAX_STORAGE_PAGE), place);
  }
}

function pageOf(statuses: readonly unknown[], place: string): StoragePage {
  const entries: StorageEntry[] = [];
  const skipped: SkippedEntry[] = [];
  for (const status of statuses) {
    const name = suffixOf(status);
    const entry = storageEntry(status, name ?? '');
    if (name === undefined || entry === undefined) throw brokenAnswer(listCall(place));
    // A file lists itself, without a name.
    if (name === '') throw refused(listCall(place), 'NOT_A_DIRECTORY', 'it is no directory');
    const fault = hdfsNameFault(name);
    if (fault === undefined) entries.push(entry);
    else skipped.push({ name, reason: fault });
  }
  return { entries, skipped };
}

function suffixOf(status: unknown): string | undefined {
  const suffix = isRecord(status) ? status.pathSuffix : undefined;
  return typeof suffix === 'string' ? suffix : undefined;
}

function booleanOf(answer: unknown): boolean | undefined {
  const told = isRecord(answer) ? answer.boolean : undefined;
  return typeof told === 'boolean' ? told : undefined;
}

function hasCode(error: unknown, ...codes: readonly StorageError['code'][]): boolean {
  return error instanceof StorageError && codes.includes(error.code);
}

/** Of a path through a file HDFS says so, or that nothing is there, by who asks; here it is always the latter. */
async function leadingNowhere(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof StorageError) || error.code !== 'NOT_A_DIRECTORY') throw error;
    throw new StorageError('NOT_FOUND', error.message, { cause: error });
  }
}

/** Throws NOT_FOUND or NOT_A_DIRECTORY for whatever else a call needs to be a directory. */
function expectDirectory(
  call: NameNodeCall,
  place: string,
  entry: StorageEntry | undefined,
): StorageEntry {
  if (entry === undefined) throw refused(call, 'NOT_FOUND', `there is no ${quoted(place)}`);
  if (entry.type === 'directory') return entry;
  throw refused(call, 'NOT_A_DIRECTORY', `${quoted(place)} is no directory`);
}

function alreadyExists(call: NameNodeCall, place: string): StorageError {
  return refused(call, 'ALREADY_EXISTS', `${quoted(place)} is there already`);
}

function refused(
  { operation, path }: NameNodeCall,
  code: StorageError['code'],
  reason: string,
): StorageError {
  return new StorageError(code, `${operation} ${quoted(path)}: ${reason}`);
}
