import { randomInt } from 'node:crypto';
import type { Stats } from 'node:fs';
import { type FileHandle, lstat, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { optionsInvalid, RaftError } from '../errors.js';
import { syncDirectory } from '../log/rocksdb/durable-file.js';
import { hasCode } from '../rocksdb/caught-error.js';
import type { BackupTarget } from './backup-receiver.js';

/** So many bytes are on the disk before more are written: who shares it waits for no more. */
const SYNC_BYTES = 8 * 1024 * 1024;
const MAX_PART_NUMBER = 2 ** 47;

/**
 * A file that has its name only once all of it is there, and on the disk: until then it is
 * `PATH.NUMBER.part`. Several can be made for one name, and the last one keeps it. A symbolic link stays: the file to
 * which it leads is replaced, where that lies, as by whoever opens it to write.
 */
export class BackupFile implements BackupTarget, AsyncDisposable {
  readonly #path: string;
  readonly #part: string;
  readonly #overwrite: boolean;
  #handle: FileHandle | undefined;
  #unsyncedBytes = 0;

  private constructor(path: string, part: string, overwrite: boolean, handle: FileHandle) {
    this.#path = path;
    this.#part = part;
    this.#overwrite = overwrite;
    this.#handle = handle;
  }

  /**
   * Rejects with BACKUP_EXISTS, unless it may overwrite, with OPTIONS_INVALID for what is there and no file or a link
   * that leads nowhere, and what the file system reports.
   */
  static async create(path: string, overwrite: boolean): Promise<BackupFile> {
    const there = await whatIs(path);
    if (there !== undefined && !there.isFile()) {
      throw optionsInvalid(`${path} is no file, and is not replaced by a backup`);
    }
    if (there !== undefined && !overwrite) throw exists(path);
    // It may be meant to lead to a disk that is missing: nothing is made there.
    if (there === undefined && (await whatIs(path, lstat)) !== undefined) {
      throw optionsInvalid(`${path} is a symbolic link that leads nowhere: mend or remove it`);
    }
    const target = there === undefined ? path : await realpath(path);
    const part = `${target}.${randomInt(MAX_PART_NUMBER).toString(36)}.part`;
    return new BackupFile(target, part, overwrite, await open(part, 'wx'));
  }

  async write(bytes: Buffer): Promise<void> {
    const handle = this.#opened();
    await handle.writeFile(bytes);
    this.#unsyncedBytes += bytes.byteLength;
    if (this.#unsyncedBytes < SYNC_BYTES) return;
    await handle.datasync();
    this.#unsyncedBytes = 0;
  }

  readonly restart = async (): Promise<void> => {
    await this.#opened().close();
    this.#handle = await open(this.#part, 'w');
    this.#unsyncedBytes = 0;
  };

  async publish(): Promise<void> {
    const handle = this.#opened();
    await handle.sync();
    await handle.close();
    // It took its time: another one may have come to the name meanwhile.
    if (!this.#overwrite && (await whatIs(this.#path, lstat)) !== undefined) {
      throw exists(this.#path);
    }
    await rename(this.#part, this.#path);
    this.#handle = undefined;
    await syncDirectory(dirname(this.#path));
  }

  /** Removes it, unless it was published. */
  async [Symbol.asyncDispose](): Promise<void> {
    const handle = this.#handle;
    if (handle === undefined) return;
    this.#handle = undefined;
    await handle.close().catch(() => {});
    await rm(this.#part, { force: true });
  }

  #opened(): FileHandle {
    if (this.#handle !== undefined) return this.#handle;
    throw new RaftError('SNAPSHOT_FAILED', `the backup ${this.#path} is closed`);
  }
}

/** Undefined where there is nothing. */
async function whatIs(
  path: string,
  look: (path: string) => Promise<Stats> = stat,
): Promise<Stats | undefined> {
  try {
    return await look(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function exists(path: string): RaftError {
  const message = `${path} is there already: name another file, or have it overwritten`;
  return new RaftError('BACKUP_EXISTS', message);
}
