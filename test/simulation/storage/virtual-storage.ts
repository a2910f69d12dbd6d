import {
  MAX_NAME_BYTES,
  type RemoveOptions,
  type StepOptions,
  type Storage,
  type StorageDriver,
  type StorageEntry,
  StorageError,
  type StorageLocation,
  type StoragePage,
} from 'inode-app/storages';
import type { MemberId } from 'raft-ts';
import type { VirtualProcess } from '../process.js';
import type { VirtualTime } from '../time.js';
import type { Fate, StorageWeather } from './storage-weather.js';
import { bytesOf, fingerprintOf, type Stored, type StoredFiles } from './stored-files.js';

export const SCHEME = 'sim';

export interface VirtualStorageOptions {
  /** Whether it moves entries in one step; else they are copied and removed. */
  readonly renames: boolean;
  /** Whether it removes a directory with all below it in one step. */
  readonly removesAtOnce: boolean;
  /** Entries of a page: between two pages things change. */
  readonly pageEntries: number;
}

/** What all members share of a storage, apart from all of them. */
export interface SharedStorage {
  readonly files: StoredFiles;
  readonly weather: StorageWeather;
  readonly time: VirtualTime;
  readonly options: VirtualStorageOptions;
  /** Told of each request as it takes effect. */
  readonly onRequest: (member: MemberId, what: string, fate: Fate, late: boolean) => void;
}

/** Opens the one storage there is, for one process. */
export function virtualDriver(
  shared: SharedStorage,
  member: MemberId,
  process: VirtualProcess,
): StorageDriver {
  return {
    scheme: SCHEME,
    parse: (uri) => ({ uri, place: uri }),
    open: async () => new VirtualStorage(shared, member, process),
  };
}

/** A storage as one process reaches it. What it asked for takes effect also where it has ended since. */
class VirtualStorage implements Storage {
  readonly abilities;
  readonly #shared: SharedStorage;
  readonly #member: MemberId;
  readonly #process: VirtualProcess;
  /** Each gives up a request that is under way. */
  readonly #open = new Set<() => void>();
  #closed = false;

  constructor(shared: SharedStorage, member: MemberId, process: VirtualProcess) {
    const { renames } = shared.options;
    this.abilities = { renames: { files: renames, directories: renames } };
    this.#shared = shared;
    this.#member = member;
    this.#process = process;
  }

  async stat(path: string, signal: AbortSignal): Promise<StorageEntry | undefined> {
    return await this.#ask(`stat ${path}`, signal, (files) => entryOf(path, files.get(path)));
  }

  async *list(path: string, signal: AbortSignal): AsyncGenerator<StoragePage, void, void> {
    const { pageEntries } = this.#shared.options;
    let after = '';
    for (;;) {
      const entries = await this.#ask(`list ${path} behind ${after}`, signal, (files) => {
        // It went between two pages: there is no more of it.
        if (after !== '' && files.get(path)?.type !== 'directory') return [];
        const names = files.names(path).filter((name) => name > after);
        return names.slice(0, pageEntries).flatMap((name) => {
          const entry = path === '' ? name : `${path}/${name}`;
          return entryOf(entry, files.get(entry)) ?? [];
        });
      });
      yield { entries, skipped: [] };
      if (entries.length < pageEntries) return;
      after = entries.at(-1)?.name ?? '';
    }
  }

  pathFault(path: string): string | undefined {
    if (path === '') return undefined;
    const isName = (name: string) =>
      name !== '' && name !== '.' && name !== '..' && name.length <= MAX_NAME_BYTES;
    return path.split('/').every(isName) ? undefined : 'a name is none';
  }

  async makeDirectory(path: string, signal: AbortSignal): Promise<void> {
    await this.#ask(`make ${path}`, signal, (files) => files.makeDirectory(path));
  }

  async remove(
    path: string,
    { recursive, onProgress }: RemoveOptions,
    signal: AbortSignal,
  ): Promise<void> {
    if (!recursive) return await this.#ask(`remove ${path}`, signal, (files) => files.remove(path));
    if (this.#shared.options.removesAtOnce) {
      return await this.#ask(`remove all ${path}`, signal, (files) => files.removeAll(path));
    }
    await this.#removeWithin(path, { ...(onProgress && { onProgress }) }, { done: 0 }, signal);
  }

  async #removeWithin(
    path: string,
    options: StepOptions,
    count: { done: number },
    signal: AbortSignal,
  ): Promise<void> {
    for (let isFirst = true; ; isFirst = false) {
      const names = await this.#ask(`list ${path}`, signal, (files) =>
        files.get(path)?.type === 'directory' ? files.names(path) : [],
      );
      for (const name of names) {
        await this.#removeWithin(`${path}/${name}`, options, count, signal).catch(passNotFound);
      }
      try {
        await this.#ask(`remove ${path}`, signal, (files) => files.remove(path));
        break;
      } catch (error) {
        // Somebody has put something in; once.
        const isFilled = error instanceof StorageError && error.code === 'NOT_EMPTY';
        if (!isFilled || !isFirst) throw error;
      }
    }
    count.done += 1;
    options.onProgress?.(count.done);
  }

  async rename(source: string, destination: string, signal: AbortSignal): Promise<void> {
    await this.#ask(`rename ${source} ${destination}`, signal, (files) => {
      if (!this.#shared.options.renames) throw unsupported('it moves nothing in one step');
      files.rename(source, destination);
    });
  }

  async copy(
    source: string,
    destination: string,
    options: StepOptions,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#ask(`check ${source} ${destination}`, signal, (files) =>
      files.checkMove(source, destination),
    );
    await this.#copyWithin(source, destination, options, { done: 0 }, signal);
  }

  async #copyWithin(
    source: string,
    destination: string,
    options: StepOptions,
    count: { done: number },
    signal: AbortSignal,
  ): Promise<void> {
    const { type } = await this.#ask(`copy ${source} ${destination}`, signal, (files) =>
      files.copyOne(source, destination),
    );
    count.done += 1;
    options.onProgress?.(count.done);
    if (type !== 'directory') return;
    const names = await this.#ask(`list ${source}`, signal, (files) => files.names(source));
    for (const name of names) {
      const [from, to] = [`${source}/${name}`, `${destination}/${name}`];
      // Somebody has taken it away meanwhile.
      await this.#copyWithin(from, to, options, count, signal).catch(passNotFound);
    }
  }

  async removeCopied(
    source: string,
    destination: string,
    options: StepOptions,
    signal: AbortSignal,
  ): Promise<number> {
    const there = await this.#ask(`stat ${source}`, signal, (files) => files.get(source));
    if (there === undefined) return 0;
    return await this.#removeCopiedWithin(source, destination, options, { done: 0 }, signal);
  }

  async #removeCopiedWithin(
    source: string,
    destination: string,
    options: StepOptions,
    count: { done: number },
    signal: AbortSignal,
  ): Promise<number> {
    const names = await this.#ask(`list ${source}`, signal, (files) =>
      files.get(source)?.type === 'directory' ? files.names(source) : undefined,
    );
    let left = 0;
    for (const name of names ?? []) {
      const [from, to] = [`${source}/${name}`, `${destination}/${name}`];
      left += await this.#removeCopiedWithin(from, to, options, count, signal);
    }
    const isGone = await this.#ask(`remove copied ${source}`, signal, (files) => {
      if (files.get(source) === undefined) return true;
      if (names !== undefined && files.names(source).length > 0) return true;
      return files.removeCopied(source, destination);
    });
    count.done += 1;
    options.onProgress?.(count.done);
    return isGone ? left : left + 1;
  }

  async location(path: string): Promise<StorageLocation> {
    return { kind: 'path', location: path };
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const giveUp of this.#open) giveUp();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** One request, that takes its time, and may come to nothing or go unanswered. */
  #ask<Result>(
    what: string,
    signal: AbortSignal,
    act: (files: StoredFiles) => Result,
  ): Promise<Result> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.#closed) return Promise.reject(unreachable('it was closed'));
    const { weather, time, files, onRequest } = this.#shared;
    const fate = weather.fate(this.#member);
    const { reachMs, answerMs, givenUp, code } = fate;
    return new Promise<Result>((resolve, reject) => {
      let isOver = false;
      const end = (tell: () => void) => {
        if (isOver) return;
        isOver = true;
        signal.removeEventListener('abort', abort);
        this.#open.delete(giveUp);
        tell();
      };
      const abort = () => {
        if (!isOver && givenUp) time.after(reachMs ?? 0, arrive);
        end(() => reject(signal.reason));
      };
      const giveUp = () => end(() => reject(unreachable('it was closed')));
      signal.addEventListener('abort', abort);
      this.#open.add(giveUp);
      const answer = (tell: () => void) => {
        if (answerMs !== undefined) time.after(answerMs, () => end(tell), 0, this.#process);
      };
      const fail = () => reject(new StorageError(code ?? 'FAILED', `sim: ${what}: ${code}`));
      const arrive = () => {
        onRequest(this.#member, what, fate, isOver || this.#process.ended);
        const outcome = attempt(() => act(files));
        if (code !== undefined) answer(fail);
        else if ('error' in outcome) answer(() => reject(outcome.error));
        else answer(() => resolve(outcome.result));
      };
      if (reachMs === undefined) {
        onRequest(this.#member, what, fate, false);
        answer(fail);
        return;
      }
      // To nobody: what is on its way arrives, whatever has become of who sent it.
      if (!givenUp) time.after(reachMs, arrive);
    });
  }
}

function attempt<Result>(
  act: () => Result,
): { readonly result: Result } | { readonly error: unknown } {
  try {
    return { result: act() };
  } catch (error) {
    return { error };
  }
}

function passNotFound(error: unknown): void {
  if (!(error instanceof StorageError) || error.code !== 'NOT_FOUND') throw error;
}

function unsupported(what: string): StorageError {
  return new StorageError('UNSUPPORTED', `sim: ${what}`);
}

function unreachable(what: string): StorageError {
  return new StorageError('UNREACHABLE', `sim: ${what}`);
}

function entryOf(path: string, stored: Stored | undefined): StorageEntry | undefined {
  if (stored === undefined) return undefined;
  const isFile = stored.type === 'file';
  return {
    name: path.slice(path.lastIndexOf('/') + 1),
    type: stored.type,
    size: isFile ? bytesOf(stored.content) : 0,
    modifiedMs: isFile ? stored.modifiedMs : undefined,
    mode: undefined,
    owner: undefined,
    group: undefined,
    target: undefined,
    fingerprint: isFile ? fingerprintOf(stored.content) : '',
  };
}
