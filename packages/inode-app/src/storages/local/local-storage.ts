import type { BigIntStats } from 'node:fs';
import { mkdir, readlink, rename } from 'node:fs/promises';
import { textOfBytes } from '../byte-text.js';
import { OpenCalls } from '../open-calls.js';
import {
  type LocationPurpose,
  MAX_STORAGE_PAGE,
  type RemoveOptions,
  type SkippedEntry,
  type StepOptions,
  type Storage,
  type StorageAbilities,
  type StorageEntry,
  type StorageLocation,
  type StoragePage,
} from '../storage.js';
import { StorageError } from '../storage-error.js';
import { childPath, isWithin, lastName } from '../storage-path.js';
import { AccountNames } from './account-names.js';
import { TreeCopy } from './copy-tree.js';
import { directoryNames } from './directory-names.js';
import { FileCalls } from './file-calls.js';
import { entryType, localEntry, unheldKind } from './local-entry.js';
import { localError, localFailure } from './local-error.js';
import { LocalPlace, UNFINISHED_COPY } from './local-place.js';
import { removeOne, removeTree } from './remove-tree.js';

/** Names of a listing that one call looks at, one after the other. */
const NAMES_A_CALL = 50;

export interface LocalStorageOptions {
  /** The directory: absolute, without `/` at its end. */
  readonly root: string;
  /** Calls to the file system at a time. */
  readonly parallel: number;
}

/**
 * A directory of this machine, that every master reaches: a network file system, mounted on each at the same path.
 *
 * No symbolic link is followed: not the last name of a path, nor one on the way, so that nothing leads out of the
 * place, whatever is in it. Whoever may write in the place can put a link in the place of a directory in the moment
 * between the check and the call: Node has no openat. Likewise a rename looks whether something is at the destination,
 * and somebody else may put something there in that moment: Node has no renameat2.
 *
 * A file system that hangs (NFS without its server) can't be left alone: a call to it blocks one of the threads that
 * all of this process shares (4, or UV_THREADPOOL_SIZE) until it answers, aborted or not. `parallel` bounds how many
 * one place takes; the pool must be larger than the sum over all places that may hang at once.
 *
 * The fingerprint of a file is its time in nanoseconds, its size and its inode's number: a file system that gives
 * files other numbers on each machine (some in user space) has all files changed when another master leads.
 */
export class LocalStorage implements Storage {
  readonly abilities: StorageAbilities = { renames: { files: true, directories: true } };
  readonly #open = new OpenCalls();
  readonly #calls: FileCalls;
  readonly #place: LocalPlace;
  readonly #accounts = {
    users: new AccountNames('/etc/passwd'),
    groups: new AccountNames('/etc/group'),
  };

  constructor({ root, parallel }: LocalStorageOptions) {
    this.#calls = new FileCalls(parallel);
    this.#place = new LocalPlace(root, this.#calls);
  }

  pathFault(path: string): string | undefined {
    return this.#place.fault(path);
  }

  stat(path: string, signal: AbortSignal): Promise<StorageEntry | undefined> {
    return this.#run(signal, [path], async (within) => {
      const stats = await this.#place.find(path, within);
      if (stats === undefined) return undefined;
      await this.#refreshAccounts();
      const found = await this.#calls.run(within, () => this.#entry(path, stats));
      return 'type' in found ? found : undefined;
    });
  }

  async *list(path: string, signal: AbortSignal): AsyncGenerator<StoragePage, void, void> {
    const pages = this.#run(signal, [path], (within) => this.#names(path, within));
    const names = await pages;
    try {
      for (;;) {
        const page = await this.#run(signal, [], async (within) => {
          const { value } = await names.next();
          if (value !== undefined) return this.#page(path, value, within);
          await this.#place.checkRoot(within);
          return undefined;
        });
        if (page === undefined) return;
        yield page;
      }
    } catch (error) {
      throw localError(error, path);
    } finally {
      // Not waited for: a file system that hangs would hold up whoever goes away.
      names.return(undefined).catch(() => undefined);
    }
  }

  makeDirectory(path: string, signal: AbortSignal): Promise<void> {
    return this.#run(signal, [path], async (within) => {
      await this.#place.checkParent(path, within);
      await this.#change(path, within, () => mkdir(this.#place.bytes(path)));
    });
  }

  remove(path: string, options: RemoveOptions, signal: AbortSignal): Promise<void> {
    return this.#run(signal, [path], async (within) => {
      const stats = await this.#find(path, within);
      this.#refusePlace(path);
      const done = progress(options);
      if (options.recursive && stats.isDirectory()) {
        return removeTree(this.#place, this.#calls, path, done, within);
      }
      await removeOne(this.#place, this.#calls, path, stats.isDirectory(), within);
      done();
    });
  }

  rename(source: string, destination: string, signal: AbortSignal): Promise<void> {
    return this.#run(signal, [source, destination], async (within) => {
      await this.#checkMove(source, destination, within);
      const there = await this.#place.lstat(destination, within);
      if (there !== undefined) throw isThere(destination);
      await this.#change(destination, within, () =>
        rename(this.#place.bytes(source), this.#place.bytes(destination)),
      );
    });
  }

  copy(
    source: string,
    destination: string,
    options: StepOptions,
    signal: AbortSignal,
  ): Promise<void> {
    return this.#run(signal, [source, destination], async (within) => {
      await this.#checkMove(source, destination, within);
      const stats = await this.#find(source, within);
      await new TreeCopy(this.#place, this.#calls, progress(options), within).copy(
        source,
        destination,
        stats,
      );
    });
  }

  removeCopied(
    source: string,
    destination: string,
    options: StepOptions,
    signal: AbortSignal,
  ): Promise<number> {
    return this.#run(signal, [source, destination], async (within) => {
      this.#refusePlace(source);
      const stats = await this.#place.find(source, within);
      if (stats === undefined) return 0;
      await this.#place.checkParent(destination, within);
      const copy = new TreeCopy(this.#place, this.#calls, progress(options), within);
      return copy.removeCopied(source, destination, stats);
    });
  }

  /** Rejects with UNSUPPORTED for a symbolic link: whoever opened it would be led away. */
  location(path: string, _purpose: LocationPurpose, signal: AbortSignal): Promise<StorageLocation> {
    return this.#run(signal, [path], async (within) => {
      await this.#place.checkParent(path, within);
      const stats = await this.#place.lstat(path, within);
      if (stats?.isDirectory() === true) {
        throw localFailure('IS_A_DIRECTORY', path, 'a directory has no content');
      }
      if (stats !== undefined && !stats.isFile()) {
        throw localFailure('UNSUPPORTED', path, 'only a file has content');
      }
      return { kind: 'path', location: textOfBytes(this.#place.bytes(path)) };
    });
  }

  async close(): Promise<void> {
    this.#open.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #run<Result>(
    signal: AbortSignal,
    paths: readonly string[],
    call: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    return this.#open.run(signal, async (within) => {
      for (const path of paths) {
        const fault = this.pathFault(path);
        if (fault !== undefined) throw localFailure('UNSUPPORTED', path, fault);
      }
      try {
        return await call(within);
      } catch (error) {
        // Where the whole place is missing it says nothing about what was asked for.
        if (isMissing(error)) await this.#place.checkRoot(within);
        throw error;
      }
    });
  }

  /** What is at a path, where something must be. */
  async #find(path: string, signal: AbortSignal): Promise<BigIntStats> {
    const stats = await this.#place.find(path, signal);
    if (stats === undefined) throw localFailure('NOT_FOUND', path, 'nothing is there');
    return stats;
  }

  async #checkMove(source: string, destination: string, signal: AbortSignal): Promise<void> {
    await this.#find(source, signal);
    this.#refusePlace(source);
    this.#refusePlace(destination);
    if (isWithin(destination, source)) {
      throw localFailure('UNSUPPORTED', source, 'it can not be moved to itself or below');
    }
    await this.#place.checkParent(destination, signal);
  }

  #refusePlace(path: string): void {
    if (path === '') throw localFailure('UNSUPPORTED', path, 'it stays where it is');
  }

  async #change(path: string, signal: AbortSignal, call: () => Promise<void>): Promise<void> {
    try {
      await this.#calls.run(signal, call);
    } catch (error) {
      const told = localError(error, path);
      // What a rename says of a destination where somebody put something in the meantime.
      const isTaken =
        told instanceof StorageError &&
        (told.code === 'NOT_EMPTY' || told.code === 'IS_A_DIRECTORY');
      throw isTaken ? isThere(path) : told;
    }
  }

  async #names(path: string, signal: AbortSignal): Promise<AsyncGenerator<readonly string[]>> {
    const stats = await this.#find(path, signal);
    if (!stats.isDirectory()) {
      throw localFailure('NOT_A_DIRECTORY', path, 'it is no directory');
    }
    await this.#refreshAccounts();
    return directoryNames(this.#place.bytes(path), MAX_STORAGE_PAGE, this.#calls, signal);
  }

  async #page(path: string, names: readonly string[], signal: AbortSignal): Promise<StoragePage> {
    const entries: StorageEntry[] = [];
    const skipped: SkippedEntry[] = [];
    const look = async (name: string) => {
      const child = childPath(path, name);
      const stats = await this.#place.lstatNow(child);
      // It went away since.
      if (stats === undefined) return;
      const found = await this.#entry(child, stats);
      if ('type' in found) entries.push(found);
      else skipped.push(found);
    };
    // Each call looks at many: to wait in line for each of them would take longer than to look.
    const calls = Array.from({ length: Math.ceil(names.length / NAMES_A_CALL) }, (_, i) =>
      this.#calls.run(signal, async () => {
        for (const name of names.slice(i * NAMES_A_CALL, (i + 1) * NAMES_A_CALL)) {
          signal.throwIfAborted();
          await look(name);
        }
      }),
    );
    await Promise.all(calls);
    if (entries.length + skipped.length < names.length) await this.#place.checkRoot(signal);
    return { entries, skipped };
  }

  /** As part of a call that is made already. */
  async #entry(path: string, stats: BigIntStats): Promise<StorageEntry | SkippedEntry> {
    const name = lastName(path);
    if (name.startsWith(UNFINISHED_COPY)) return { name, reason: 'a copy that is not finished' };
    const type = entryType(stats);
    if (type === undefined) return { name, reason: unheldKind(stats) };
    const target = type === 'symlink' ? await this.#target(path) : undefined;
    return localEntry(name, type, stats, target, this.#accounts);
  }

  async #target(path: string): Promise<string> {
    try {
      return textOfBytes(await readlink(this.#place.bytes(path), { encoding: 'buffer' }));
    } catch (error) {
      throw localError(error, path);
    }
  }

  async #refreshAccounts(): Promise<void> {
    await this.#accounts.users.refresh();
    await this.#accounts.groups.refresh();
  }
}

function isMissing(error: unknown): boolean {
  if (!(error instanceof StorageError)) return false;
  return error.code === 'NOT_FOUND' || error.code === 'NOT_A_DIRECTORY';
}

function isThere(path: string): StorageError {
  return localFailure('ALREADY_EXISTS', path, 'something is there already');
}

/** Counts entries, and tells of each. */
function progress({ onProgress }: StepOptions): () => void {
  let entries = 0;
  return () => onProgress?.(++entries);
}
