import { abortable, type RateLimit } from '@raft-ts/net';
import {
  FOOTER_BYTES,
  type SnapshotBlock,
  type SnapshotManifest,
  type SnapshotPosition,
} from './snapshot-block.js';
import { SnapshotEncoder } from './snapshot-encoder.js';
import { damaged } from './snapshot-error.js';
import { HEADER_START_BYTES, headerLength, type SnapshotHeader } from './snapshot-header.js';
import { decodeManifest, SnapshotParser } from './snapshot-parser.js';
import type { SnapshotRow } from './snapshot-rows.js';
import { machineStorage, type SnapshotHandle, type SnapshotStorage } from './snapshot-storage.js';

/**
 * So many bytes are on the disk before more are written: an fsync of the log that comes in between
 * has no more than that to wait for.
 */
const SYNC_BYTES = 8 * 1024 * 1024;
const READ_BYTES = 256 * 1024;

/** What a snapshot is written from: all of it from one moment. */
export type SnapshotParts =
  /** Pages of rows, in the order of their keys. */
  | { readonly rows: AsyncIterable<readonly SnapshotRow[]> }
  /** Any bytes, cut anywhere. */
  | { readonly chunks: AsyncIterable<Uint8Array> };

export interface SnapshotWriting {
  readonly signal: AbortSignal;
  /** How many bytes may be written in a second. */
  readonly rate?: RateLimit;
  /** Called as blocks are full, with what was written so far. */
  readonly progress?: (rows: number, bytes: number) => void;
  /** The machine's own by default. */
  readonly storage?: SnapshotStorage;
  /**
   * Bytes of contents in a block, 1 MiB by default: the same wherever the same state is to be the same
   * bytes.
   */
  readonly blockBytes?: number;
}

/**
 * Makes a snapshot's file at `path`, where none is. On the disk when it resolves, but for its name. Rejects
 * with SNAPSHOT_FAILED for a row that is too large, the signal's reason, or what the file system
 * reports; a part of the file is left then.
 */
export async function writeSnapshotFile(
  path: string,
  header: SnapshotHeader,
  parts: SnapshotParts,
  writing: SnapshotWriting,
): Promise<SnapshotManifest> {
  const { storage = machineStorage, blockBytes } = writing;
  await using handle = await storage.open(path, 'wx');
  const encoder = new SnapshotEncoder(header, blockBytes);
  const write = pacedWriter(handle, writing);
  await write([encoder.headerBytes]);
  for await (const full of blocksOf(encoder, parts, writing.signal)) {
    await write([full]);
    const { rows, bytes } = encoder.position;
    writing.progress?.(rows, bytes);
  }
  const { bytes, manifest } = encoder.end();
  await write(bytes);
  await handle.sync();
  return manifest;
}

async function* blocksOf(
  encoder: SnapshotEncoder,
  parts: SnapshotParts,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  if ('chunks' in parts) {
    for await (const chunk of untilAborted(parts.chunks, signal)) yield* encoder.addChunk(chunk);
    return;
  }
  for await (const page of untilAborted(parts.rows, signal)) {
    for (const row of page) {
      const full = encoder.addRow(row);
      if (full !== undefined) yield full;
    }
  }
}

/** Does not wait for what never comes: an abort rejects at once. */
async function* untilAborted<T>(items: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      const next = await abortable(iterator.next(), signal);
      ended = next.done === true;
      if (next.done) return;
      yield next.value;
    }
  } finally {
    const ending = ended ? undefined : iterator.return?.();
    ending?.catch(() => {});
  }
}

function pacedWriter(
  handle: SnapshotHandle,
  { signal, rate }: SnapshotWriting,
): (buffers: readonly Buffer[]) => Promise<void> {
  let unsynced = 0;
  return async (buffers) => {
    for (const bytes of buffers) {
      signal.throwIfAborted();
      await rate?.take(bytes.byteLength, signal);
      await handle.writeFile(bytes);
      unsynced += bytes.byteLength;
    }
    if (unsynced < SYNC_BYTES) return;
    await handle.datasync();
    unsynced = 0;
  };
}

/**
 * What header and end of a file say: nothing between them is read. Rejects with SNAPSHOT_DAMAGED,
 * SNAPSHOT_FOREIGN for another format, or what the file system reports.
 */
export async function readManifest(handle: SnapshotHandle): Promise<SnapshotManifest> {
  const { size } = await handle.stat();
  const start = await readAt(handle, 0, HEADER_START_BYTES);
  const header = await readAt(handle, 0, headerLength(start));
  const footer = await readAt(handle, Math.max(0, size - FOOTER_BYTES), FOOTER_BYTES);
  const manifest = decodeManifest(Buffer.concat([header, footer]));
  if (manifest.fileBytes !== size) throw damaged('it is not as long as its end says', size);
  return manifest;
}

async function readAt(handle: SnapshotHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await handle.read(bytes, 0, length, at);
  if (bytesRead < length) throw damaged('it is cut', at + bytesRead);
  return bytes;
}

/** Bytes of a file from `first` to `last`, both included; fewer where the file ends. */
export async function* readRange(
  handle: SnapshotHandle,
  first: number,
  last: number,
): AsyncGenerator<Buffer, void, void> {
  for (let at = first; at <= last; ) {
    const length = Math.min(READ_BYTES, last + 1 - at);
    const buffer = Buffer.allocUnsafe(length);
    const { bytesRead } = await handle.read(buffer, 0, length, at);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}

/** All blocks of a file, each checked; the whole was as it was written once this has ended. */
export async function* readBlocks(
  handle: SnapshotHandle,
  signal?: AbortSignal,
): AsyncGenerator<SnapshotBlock, SnapshotManifest, void> {
  const parser = new SnapshotParser();
  for await (const chunk of readRange(handle, 0, Number.MAX_SAFE_INTEGER)) {
    signal?.throwIfAborted();
    parser.push(chunk);
    for (let block = parser.next(); block !== undefined; block = parser.next()) yield block;
  }
  return parser.end();
}

/** Reads a file from end to end: SNAPSHOT_DAMAGED unless all of it is as it was written. */
export async function checkSnapshotFile(
  path: string,
  signal?: AbortSignal,
  storage: SnapshotStorage = machineStorage,
  progress?: (at: SnapshotPosition) => void,
): Promise<SnapshotManifest> {
  await using handle = await storage.open(path, 'r');
  const blocks = readBlocks(handle, signal);
  for (;;) {
    const next = await blocks.next();
    if (next.done) return next.value;
    progress?.(next.value.end);
  }
}
