import type { BigIntStats } from 'node:fs';
import { lstat, realpath } from 'node:fs/promises';
import { bytesOfText } from '../byte-text.js';
import { StorageError } from '../storage-error.js';
import { lastName, parentPath, pathFormFault } from '../storage-path.js';
import type { FileCalls } from './file-calls.js';
import { localError, localFailure, systemCode } from './local-error.js';

/** Names that begin so are for copies that are not finished. */
export const UNFINISHED_COPY = '.inode-app-copy-';
/** Bytes of a path, as the operating system takes it. */
const MAX_PATH_BYTES = 4095;

/** Where the entries of a place are, and that nothing leads out of it. */
export class LocalPlace {
  readonly #root: Buffer;
  readonly #calls: FileCalls;

  /** `root`: absolute, without `/` at its end; empty for the root of the file system. */
  constructor(root: string, calls: FileCalls) {
    this.#root = bytesOfPath(root);
    this.#calls = calls;
  }

  fault(path: string): string | undefined {
    const form = pathFormFault(path);
    if (form !== undefined) return form;
    if (path.split('/').some((name) => name.startsWith(UNFINISHED_COPY))) {
      return `names that begin with ${UNFINISHED_COPY} are for copies that are not finished`;
    }
    if (this.bytes(path).length > MAX_PATH_BYTES) return `it has more than ${MAX_PATH_BYTES} bytes`;
    return undefined;
  }

  /** The path on this machine. */
  bytes(path: string): Buffer {
    const below = path === '' ? '' : `/${path}`;
    const bytes = Buffer.concat([this.#root, bytesOfPath(below)]);
    return bytes.length === 0 ? Buffer.from('/') : bytes;
  }

  /** What is at a path, if its directory is there and no link leads to it. */
  async find(path: string, signal: AbortSignal): Promise<BigIntStats | undefined> {
    const problem = await this.#parentProblem(path, signal);
    const stats = problem === undefined ? await this.lstat(path, signal) : undefined;
    if (stats === undefined) await this.checkRoot(signal);
    return stats;
  }

  /**
   * Rejects with NOT_FOUND where the place itself is missing: whoever found that something is not there asks afterwards, as
   * it is no answer then.
   */
  async checkRoot(signal: AbortSignal): Promise<void> {
    await this.#realRoot(signal);
  }

  /** Rejects unless there is a directory, with no link on the way, for an entry to be made in. */
  async checkParent(path: string, signal: AbortSignal): Promise<void> {
    const problem = await this.#parentProblem(path, signal);
    if (problem !== undefined) {
      throw localFailure(problem, path, 'there is no directory that it could be in');
    }
    if (path === '') return;
    const parent = await this.lstat(parentPath(path), signal);
    if (parent?.isDirectory() !== true) {
      throw localFailure('NOT_A_DIRECTORY', path, 'what it would be in is no directory');
    }
  }

  /** What is at a path whose directory was checked. */
  lstat(path: string, signal: AbortSignal): Promise<BigIntStats | undefined> {
    return this.#calls.run(signal, () => this.lstatNow(path));
  }

  /** The same as part of a call that is made already. */
  async lstatNow(path: string): Promise<BigIntStats | undefined> {
    try {
      return await lstat(this.bytes(path), { bigint: true });
    } catch (error) {
      const name = systemCode(error);
      if (name === 'ENOENT' || name === 'ENOTDIR') return undefined;
      throw localError(error, path);
    }
  }

  async #parentProblem(
    path: string,
    signal: AbortSignal,
  ): Promise<'NOT_FOUND' | 'NOT_A_DIRECTORY' | undefined> {
    const parent = parentPath(path);
    if (parent !== '' && (await this.#isWithoutLinks(parent, signal))) return undefined;
    const root = await this.#realRoot(signal);
    if (parent === '') return undefined;
    const expected = Buffer.concat([root, bytesOfPath(`/${parent}`)]);
    try {
      const real = await this.#realpath(this.bytes(parent), signal);
      return real.equals(expected) ? undefined : 'NOT_A_DIRECTORY';
    } catch (error) {
      const name = systemCode(error);
      if (name === 'ENOENT') return 'NOT_FOUND';
      if (name === 'ENOTDIR' || name === 'ELOOP') return 'NOT_A_DIRECTORY';
      throw localError(error, path);
    }
  }

  /** Whether neither a path nor the way to the place goes through a link: one call tells, where it is so. */
  async #isWithoutLinks(path: string, signal: AbortSignal): Promise<boolean> {
    const bytes = this.bytes(path);
    try {
      return (await this.#realpath(bytes, signal)).equals(bytes);
    } catch {
      signal.throwIfAborted();
      return false;
    }
  }

  /** The place without links, which may lead to it. */
  async #realRoot(signal: AbortSignal): Promise<Buffer> {
    try {
      const root = await this.#realpath(this.bytes(''), signal);
      return root.equals(Buffer.from('/')) ? Buffer.alloc(0) : root;
    } catch (error) {
      const name = systemCode(error);
      if (name !== 'ENOENT' && name !== 'ENOTDIR') throw localError(error, '');
      throw localFailure('NOT_FOUND', '', 'there is no such directory on this machine', error);
    }
  }

  #realpath(path: Buffer, signal: AbortSignal): Promise<Buffer> {
    return this.#calls.run(signal, () => realpath(path, { encoding: 'buffer' }));
  }
}

/** Of the last name of a path: where a copy of it is until it is whole. */
export function unfinishedName(path: string, digest: string): string {
  const directory = path.slice(0, path.length - lastName(path).length);
  return `${directory}${UNFINISHED_COPY}${digest}`;
}

function bytesOfPath(path: string): Buffer {
  const bytes = bytesOfText(path);
  if (bytes === undefined) throw new StorageError('UNSUPPORTED', 'A path stands for no bytes');
  return bytes;
}
