import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { syncDirectory, writeDurably } from '../log/rocksdb/durable-file.js';

/** A file that is open. Nothing of it has to survive the loss of power before `sync`. */
export interface SnapshotHandle extends AsyncDisposable {
  stat(): Promise<{ readonly size: number }>;
  /** Up to `length` bytes from `position` on, into `buffer` at `offset`; 0 at the end. */
  read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }>;
  /** All of `bytes`, behind what was written. */
  writeFile(bytes: Uint8Array): Promise<void>;
  truncate(lengthBytes: number): Promise<void>;
  sync(): Promise<void>;
  /** The same for the contents alone. */
  datasync(): Promise<void>;
  close(): Promise<void>;
}

/** Where snapshots are kept and received: files by their paths, as `node:fs` has them. */
export interface SnapshotStorage {
  /** `r` reads; `wx` makes a file where none is; `a+` reads, and writes at the end. */
  open(path: string, flags: 'r' | 'wx' | 'a+'): Promise<SnapshotHandle>;
  readFile(path: string): Promise<Buffer>;
  /** Names in a directory. */
  readdir(directory: string): Promise<readonly string[]>;
  /** Durable once the directory was synced. */
  rename(from: string, to: string): Promise<void>;
  /** Does nothing where there is none. */
  remove(path: string): Promise<void>;
  syncDirectory(directory: string): Promise<void>;
  /** Puts a file into a directory as a whole, durably. */
  writeDurably(directory: string, name: string, bytes: Uint8Array): Promise<void>;
}

/** The machine's own. */
export const machineStorage: SnapshotStorage = {
  open,
  readFile: (path) => readFile(path),
  readdir: (directory) => readdir(directory),
  rename,
  remove: (path) => rm(path, { force: true }),
  syncDirectory,
  writeDurably,
};

/** What a SnapshotStorage has to have. */
export const STORAGE_METHODS = [
  'open',
  'readFile',
  'readdir',
  'rename',
  'remove',
  'syncDirectory',
  'writeDurably',
] as const;
