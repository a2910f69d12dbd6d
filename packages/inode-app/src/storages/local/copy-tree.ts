import { createHash } from 'node:crypto';
import { type BigIntStats, createReadStream, createWriteStream } from 'node:fs';
import { chmod, lchown, mkdir, readlink, rename, symlink, utimes } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { MAX_STORAGE_PAGE } from '../storage.js';
import { childPath, lastName } from '../storage-path.js';
import { directoryNames } from './directory-names.js';
import type { FileCalls } from './file-calls.js';
import { entryType } from './local-entry.js';
import { localError, localFailure, systemCode } from './local-error.js';
import { type LocalPlace, unfinishedName } from './local-place.js';
import { removeOne } from './remove-tree.js';

/** How far the time of a copy may be from its source's: Node takes seconds as a fraction, and cuts it to microseconds. */
const TIME_TOLERANCE_NS = 2_000n;
const PERMISSION_BITS = 0o7777n;

/** Copies an entry with all below it, and removes what was copied. Follows no link. */
export class TreeCopy {
  readonly #place: LocalPlace;
  readonly #calls: FileCalls;
  readonly #done: () => void;
  readonly #signal: AbortSignal;

  /** `done` is told of each entry. */
  constructor(place: LocalPlace, calls: FileCalls, done: () => void, signal: AbortSignal) {
    this.#place = place;
    this.#calls = calls;
    this.#done = done;
    this.#signal = signal;
  }

  /** Copies what `stats` tells of; devices and the like are not copied. */
  async copy(source: string, destination: string, stats: BigIntStats): Promise<void> {
    const there = await this.#place.lstat(destination, this.#signal);
    if (stats.isDirectory()) return this.#copyDirectory(source, destination, stats, there);
    if (there !== undefined) await this.#checkEqual(source, destination, stats, there);
    else if (stats.isFile()) await this.#copyFile(source, destination, stats);
    else if (stats.isSymbolicLink()) await this.#copyLink(source, destination, stats);
    this.#done();
  }

  /** Removes of the source what is equal at the destination; resolves with how many entries stay. */
  async removeCopied(source: string, destination: string, stats: BigIntStats): Promise<number> {
    const there = await this.#place.lstat(destination, this.#signal);
    const isCopied =
      there !== undefined && (await this.#isEqual(source, destination, stats, there));
    if (!stats.isDirectory()) {
      if (!isCopied) return 1;
      await removeOne(this.#place, this.#calls, source, false, this.#signal);
      this.#done();
      return 0;
    }
    let stayed = 0;
    for await (const [name, child] of this.#children(source)) {
      stayed += await this.removeCopied(
        childPath(source, name),
        childPath(destination, name),
        child,
      );
    }
    if (stayed > 0) return stayed;
    if (!isCopied) return 1;
    await removeOne(this.#place, this.#calls, source, true, this.#signal);
    this.#done();
    return 0;
  }

  async #copyDirectory(
    source: string,
    destination: string,
    stats: BigIntStats,
    there: BigIntStats | undefined,
  ): Promise<void> {
    const bytes = this.#place.bytes(destination);
    if (there === undefined) await this.#run(destination, () => mkdir(bytes));
    else if (!there.isDirectory()) throw isAnother(destination);
    for await (const [name, child] of this.#children(source)) {
      await this.copy(childPath(source, name), childPath(destination, name), child);
    }
    // At last: it may forbid to make entries.
    await this.#giveAttributes(destination, bytes, stats);
    this.#done();
  }

  async *#children(path: string): AsyncGenerator<readonly [string, BigIntStats], void, void> {
    const bytes = this.#place.bytes(path);
    const pages = directoryNames(bytes, MAX_STORAGE_PAGE, this.#calls, this.#signal);
    try {
      for await (const names of pages) {
        for (const name of names) {
          const stats = await this.#place.lstat(childPath(path, name), this.#signal);
          if (stats !== undefined) yield [name, stats];
        }
      }
    } catch (error) {
      throw localError(error, path);
    }
  }

  /** Under another name until it is whole. */
  async #copyFile(source: string, destination: string, stats: BigIntStats): Promise<void> {
    const digest = createHash('sha1').update(lastName(destination)).digest('hex');
    const unfinished = this.#place.bytes(unfinishedName(destination, digest));
    await this.#run(destination, () =>
      pipeline(
        createReadStream(this.#place.bytes(source)),
        createWriteStream(unfinished, { mode: 0o600 }),
        { signal: this.#signal },
      ),
    );
    await this.#giveAttributes(destination, unfinished, stats);
    await this.#run(destination, () =>
      utimes(unfinished, seconds(stats.atimeNs), seconds(stats.mtimeNs)),
    );
    const there = await this.#place.lstat(destination, this.#signal);
    if (there !== undefined) throw isAnother(destination);
    await this.#run(destination, () => rename(unfinished, this.#place.bytes(destination)));
  }

  async #copyLink(source: string, destination: string, stats: BigIntStats): Promise<void> {
    const target = await this.#target(source);
    const bytes = this.#place.bytes(destination);
    await this.#run(destination, () => symlink(target, bytes));
    await this.#giveOwner(bytes, stats);
  }

  async #checkEqual(
    source: string,
    destination: string,
    stats: BigIntStats,
    there: BigIntStats,
  ): Promise<void> {
    if (!(await this.#isEqual(source, destination, stats, there))) throw isAnother(destination);
  }

  async #isEqual(
    source: string,
    destination: string,
    stats: BigIntStats,
    there: BigIntStats,
  ): Promise<boolean> {
    const type = entryType(stats);
    if (type === undefined || type !== entryType(there)) return false;
    if (type === 'directory') return true;
    if (type === 'symlink') {
      return (await this.#target(source)).equals(await this.#target(destination));
    }
    const difference = stats.mtimeNs - there.mtimeNs;
    const isSameTime = difference <= TIME_TOLERANCE_NS && -difference <= TIME_TOLERANCE_NS;
    return stats.size === there.size && isSameTime;
  }

  #target(path: string): Promise<Buffer> {
    return this.#run(path, () => readlink(this.#place.bytes(path), { encoding: 'buffer' }));
  }

  async #giveAttributes(path: string, bytes: Buffer, stats: BigIntStats): Promise<void> {
    await this.#giveOwner(bytes, stats);
    // Behind the owner, whose change takes bits away.
    await this.#run(path, () => chmod(bytes, Number(stats.mode & PERMISSION_BITS)));
  }

  /** As far as this process may: others than root can't give files away. */
  async #giveOwner(bytes: Buffer, { uid, gid }: BigIntStats): Promise<void> {
    try {
      await this.#calls.run(this.#signal, () => lchown(bytes, Number(uid), Number(gid)));
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
    }
  }

  async #run<Result>(path: string, call: () => Promise<Result>): Promise<Result> {
    try {
      return await this.#calls.run(this.#signal, call);
    } catch (error) {
      throw localError(error, path);
    }
  }
}

function isAnother(path: string): Error {
  return localFailure('ALREADY_EXISTS', path, 'something else is there already');
}

function seconds(nanoseconds: bigint): number {
  return Number(nanoseconds) / 1e9;
}
