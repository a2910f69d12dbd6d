import { join } from 'node:path';
import type { SnapshotHandle, SnapshotStorage } from 'raft-ts';
import type { ReplacingSteps } from 'raft-ts/testing';
import type { Random } from '../random.js';
import type { DiskFailure } from './virtual-disk.js';

/** What files lie on. */
export interface FileDevice {
  /** Calls `done` once it is through, with what went wrong; never after the process has ended. */
  operate(done: (failure: DiskFailure | undefined) => void): void;
}

/** What a name stands for: bytes of a file, or what a directory holds. */
export interface FileContents {
  /** What a loss of power leaves of it. */
  crash(random: Random): void;
  copy(): FileContents;
}

/** What a crash met. */
export type FileSight = 'file torn by a crash' | 'change of a directory lost in a crash';

/** Names and what they stand for. */
type Names = Map<string, FileContents>;

/**
 * Files of one machine. What was written and not synced is there after a crash in part, or torn; changes of
 * names happen in their order, and a crash keeps any first part of those since the last sync.
 */
export class VirtualFiles implements SnapshotStorage, ReplacingSteps {
  readonly #device: FileDevice;
  readonly #random: Random;
  readonly #onSight: (sight: FileSight) => void;
  #names: Names = new Map();
  /** What a crash leaves at least. */
  #durable: Names = new Map();
  /** Since then. */
  #changes: ((names: Names) => void)[] = [];
  /** How long nothing can be written, though the disk is well: by each of the faults that last. */
  #full = 0;

  constructor(device: FileDevice, random: Random, onSight: (sight: FileSight) => void) {
    this.#device = device;
    this.#random = random;
    this.#onSight = onSight;
  }

  /** Nothing more fits here, until the returned function is called. */
  fill(): () => void {
    this.#full++;
    return () => {
      this.#full--;
    };
  }

  /** Rejects as `node:fs` does. */
  operate(syscall: 'read' | 'write' | 'fsync'): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#device.operate((failure) => {
        const code = this.#codeOf(syscall, failure);
        if (code === undefined) resolve();
        else reject(fileError(code, syscall));
      });
    });
  }

  #codeOf(syscall: string, failure: DiskFailure | undefined): string | undefined {
    if (syscall === 'read') return undefined;
    if (failure === 'full' || (this.#full > 0 && syscall === 'write')) return 'ENOSPC';
    if (failure === 'write' || (failure === 'fsync' && syscall === 'fsync')) return 'EIO';
    return undefined;
  }

  #change(change: (names: Names) => void): void {
    change(this.#names);
    this.#changes.push(change);
  }

  /** Under its name from now on. */
  put(path: string, contents: FileContents): void {
    this.#change((names) => names.set(path, contents));
  }

  at(path: string): FileContents | undefined {
    return this.#names.get(path);
  }

  /** All that is there now survives. */
  flushNames(): void {
    this.#durable = new Map(this.#names);
    this.#changes = [];
  }

  async open(path: string, flags: 'r' | 'wx' | 'a+'): Promise<SnapshotHandle> {
    const there = this.#names.get(path);
    if (there instanceof VirtualFile && flags !== 'wx')
      return new FileHandle(this, there, this.#random);
    if (flags === 'r') throw fileError('ENOENT', 'open');
    if (there !== undefined) throw fileError('EEXIST', 'open');
    await this.operate('write');
    const file = new VirtualFile(this.#onSight);
    this.put(path, file);
    return new FileHandle(this, file, this.#random);
  }

  async readFile(path: string): Promise<Buffer> {
    const file = this.#names.get(path);
    if (file instanceof VirtualFile) return Buffer.from(file.bytes);
    throw fileError('ENOENT', 'open');
  }

  async readdir(directory: string): Promise<readonly string[]> {
    const prefix = `${directory}/`;
    return [...this.#names.keys()]
      .filter((path) => path.startsWith(prefix))
      .map((path) => path.slice(prefix.length));
  }

  async exists(path: string): Promise<boolean> {
    return this.#names.has(path);
  }

  async rename(from: string, to: string): Promise<void> {
    await this.operate('write');
    const contents = this.#names.get(from);
    if (contents === undefined) throw fileError('ENOENT', 'rename');
    this.#change((names) => {
      names.delete(from);
      names.set(to, contents);
    });
  }

  /** Takes no room, and so never fails for want of it. */
  async remove(path: string): Promise<void> {
    await this.operate('read');
    if (this.#names.has(path)) this.#change((names) => names.delete(path));
  }

  async syncDirectory(_directory: string): Promise<void> {
    const change = this.#changes.at(-1);
    await this.operate('fsync');
    const synced = this.#changes.splice(
      0,
      change === undefined ? 0 : this.#changes.indexOf(change) + 1,
    );
    for (const each of synced) each(this.#durable);
  }

  sync(directory: string): Promise<void> {
    return this.syncDirectory(directory);
  }

  async writeDurably(directory: string, name: string, bytes: Uint8Array): Promise<void> {
    const path = join(directory, name);
    const unfinished = `${path}.new`;
    await this.remove(unfinished);
    await using handle = await this.open(unfinished, 'wx');
    await handle.writeFile(bytes);
    await handle.sync();
    await this.rename(unfinished, path);
    await this.syncDirectory(directory);
  }

  /** The machine loses power. */
  crash(): void {
    const kept = this.#random.integer(0, this.#changes.length);
    if (kept < this.#changes.length) this.#onSight('change of a directory lost in a crash');
    for (const change of this.#changes.slice(0, kept)) change(this.#durable);
    this.#changes = [];
    this.#names = new Map(this.#durable);
    for (const contents of new Set(this.#names.values())) contents.crash(this.#random);
  }

  wipe(): void {
    this.#names = new Map();
    this.flushNames();
  }

  copy(): ReadonlyMap<string, FileContents> {
    return new Map([...this.#names].map(([path, contents]) => [path, contents.copy()]));
  }

  putBack(names: ReadonlyMap<string, FileContents>): void {
    this.#names = new Map([...names].map(([path, contents]) => [path, contents.copy()]));
    this.flushNames();
  }

  /** Files in a directory. */
  filesIn(directory: string): readonly VirtualFile[] {
    const prefix = `${directory}/`;
    return [...this.#names].flatMap(([path, contents]) =>
      path.startsWith(prefix) && contents instanceof VirtualFile ? [contents] : [],
    );
  }
}

/** The bytes of a file. */
export class VirtualFile implements FileContents {
  readonly #onSight: (sight: FileSight) => void;
  bytes: Buffer = Buffer.alloc(0);
  #synced: Buffer = Buffer.alloc(0);

  constructor(onSight: (sight: FileSight) => void) {
    this.#onSight = onSight;
  }

  append(bytes: Uint8Array): void {
    this.bytes = Buffer.concat([this.bytes, bytes]);
  }

  sync(): void {
    this.#synced = this.bytes;
  }

  /** Flips a bit, at `share` of its length. */
  damage(share: number, bit: number): void {
    if (this.bytes.length === 0) return;
    this.bytes = Buffer.from(this.bytes);
    const place = Math.floor(share * this.bytes.length);
    this.bytes[place] = (this.bytes[place] ?? 0) ^ (1 << bit);
    this.#synced = this.bytes;
  }

  /** What was appended may be there in part, with nothing but zeros where bytes are missing. */
  crash(random: Random): void {
    const { bytes } = this;
    if (bytes === this.#synced) return;
    this.#onSight('file torn by a crash');
    const from = Math.min(this.#synced.length, bytes.length);
    const end = random.integer(from, bytes.length);
    const left = Buffer.from(bytes.subarray(0, end));
    if (random.chance(0.3)) left.fill(0, random.integer(from, end));
    this.bytes = left;
    this.#synced = left;
  }

  copy(): VirtualFile {
    const copy = new VirtualFile(this.#onSight);
    copy.bytes = this.bytes;
    copy.#synced = this.bytes;
    return copy;
  }
}

class FileHandle implements SnapshotHandle {
  readonly #files: VirtualFiles;
  readonly #file: VirtualFile;
  readonly #random: Random;

  constructor(files: VirtualFiles, file: VirtualFile, random: Random) {
    this.#files = files;
    this.#file = file;
    this.#random = random;
  }

  async stat(): Promise<{ readonly size: number }> {
    return { size: this.#file.bytes.length };
  }

  async read(buffer: Buffer, offset: number, length: number, position: number) {
    const bytesRead = this.#file.bytes.copy(buffer, offset, position, position + length);
    return { bytesRead };
  }

  /** A part may be there though it has failed. */
  async writeFile(bytes: Uint8Array): Promise<void> {
    try {
      await this.#files.operate('write');
    } catch (error) {
      this.#file.append(bytes.subarray(0, this.#random.integer(0, bytes.length)));
      throw error;
    }
    this.#file.append(bytes);
  }

  async truncate(lengthBytes: number): Promise<void> {
    this.#file.bytes = this.#file.bytes.subarray(0, lengthBytes);
  }

  async sync(): Promise<void> {
    await this.#files.operate('fsync');
    this.#file.sync();
  }

  datasync(): Promise<void> {
    return this.sync();
  }

  async close(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}
}

function fileError(code: string, syscall: string): Error {
  return Object.assign(new Error(`${code}: a virtual ${syscall} failed`), { code, syscall });
}
