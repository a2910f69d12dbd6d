import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs';
import { hasCode } from '../../rocksdb/caught-error.js';
import type { Mark } from '../durable/mark.js';
import { MarkFile, type MarkStorage } from '../durable/mark-file.js';

/** Undefined when `path` holds no mark; throws what the file system reports. */
export function openMarkFile(path: string): MarkFile | undefined {
  // A directory, FIFO, device or socket.
  if (!statSync(path).isFile()) return undefined;
  return MarkFile.open(new FileMarkStorage(path));
}

/** What the mark file at `path` says. */
export async function readMark(path: string): Promise<Mark | 'missing' | 'damaged'> {
  try {
    const file = openMarkFile(path);
    await file?.close();
    return file?.mark ?? 'damaged';
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return 'missing';
    throw error;
  }
}

class FileMarkStorage implements MarkStorage {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, 'r+');
  }

  read(offset: number, lengthBytes: number): Buffer {
    const bytes = Buffer.alloc(lengthBytes);
    return bytes.subarray(0, readSync(this.#file, bytes, 0, lengthBytes, offset));
  }

  write(offset: number, bytes: Uint8Array): void {
    const written = writeSync(this.#file, bytes, 0, bytes.byteLength, offset);
    if (written !== bytes.byteLength) throw new Error('the mark was written in part only');
  }

  sync(): void {
    fdatasyncSync(this.#file);
  }

  syncInBackground(done: (error: Error | undefined) => void): void {
    fdatasync(this.#file, (error) => done(error ?? undefined));
  }

  close(): void {
    closeSync(this.#file);
  }
}
