import { RaftError } from '../errors.js';
import {
  BLOCK_BYTES,
  BLOCK_HEAD_BYTES,
  CHECKSUM_BYTES,
  encodeFooter,
  MAX_BLOCK_BYTES,
  manifestOf,
  positionBehind,
  type SnapshotManifest,
  type SnapshotPosition,
  sealBlock,
  startOf,
} from './snapshot-block.js';
import { encodeHeader, headerChecksum, type SnapshotHeader } from './snapshot-header.js';
import { MAX_ROW_PART_BYTES, putRow, rowBytes, type SnapshotRow } from './snapshot-rows.js';

/**
 * Makes the bytes of a snapshot out of its contents. What it returns is to be written, in order:
 * `headerBytes`, each block as it is full, what `end` returns. Where a block ends follows from the
 * contents alone.
 */
export class SnapshotEncoder {
  readonly headerBytes: Buffer;
  readonly #header: SnapshotHeader;
  readonly #seed: number;
  readonly #blockBytes: number;
  #position: SnapshotPosition;
  #frame: Buffer | undefined;
  #at = BLOCK_HEAD_BYTES;
  #rows = 0;

  constructor(header: SnapshotHeader, blockBytes: number = BLOCK_BYTES) {
    this.#header = header;
    this.#blockBytes = blockBytes;
    this.headerBytes = encodeHeader(header);
    this.#seed = headerChecksum(this.headerBytes);
    this.#position = startOf(this.headerBytes);
  }

  /** Behind the last block that was full. */
  get position(): SnapshotPosition {
    return this.#position;
  }

  /** The block that had no room for this row, if it had none. SNAPSHOT_FAILED for one too large. */
  addRow(row: SnapshotRow): Buffer | undefined {
    const bytes = rowBytes(row);
    checkRow(row, bytes);
    const full = this.#at - BLOCK_HEAD_BYTES + bytes > this.#blockBytes ? this.#seal() : undefined;
    this.#frame ??= newFrame(Math.max(this.#blockBytes, bytes));
    this.#at = putRow(this.#frame, this.#at, row);
    this.#rows++;
    return full;
  }

  /** The blocks that this fills. */
  addChunk(chunk: Uint8Array): Buffer[] {
    const full: Buffer[] = [];
    for (let from = 0; from < chunk.byteLength; ) {
      this.#frame ??= newFrame(this.#blockBytes);
      const room = BLOCK_HEAD_BYTES + this.#blockBytes - this.#at;
      const piece = chunk.subarray(from, from + room);
      this.#frame.set(piece, this.#at);
      this.#at += piece.byteLength;
      from += piece.byteLength;
      const block = piece.byteLength === room ? this.#seal() : undefined;
      if (block !== undefined) full.push(block);
    }
    return full;
  }

  /** The last block, if there is one, and the footer. */
  end(): { readonly bytes: readonly Buffer[]; readonly manifest: SnapshotManifest } {
    const last = this.#seal();
    const footer = encodeFooter(this.#position, this.#seed);
    return {
      bytes: last === undefined ? [footer] : [last, footer],
      manifest: manifestOf(this.headerBytes, this.#header, this.#position),
    };
  }

  #seal(): Buffer | undefined {
    const [frame, rows] = [this.#frame, this.#rows];
    if (frame === undefined) return undefined;
    const block = frame.subarray(0, this.#at + CHECKSUM_BYTES);
    sealBlock(block, this.#position.blocks + 1, rows, this.#seed);
    this.#position = positionBehind(this.#position, block, rows);
    this.#frame = undefined;
    this.#at = BLOCK_HEAD_BYTES;
    this.#rows = 0;
    return block;
  }
}

function newFrame(payloadBytes: number): Buffer {
  return Buffer.allocUnsafe(BLOCK_HEAD_BYTES + payloadBytes + CHECKSUM_BYTES);
}

function checkRow({ key, value }: SnapshotRow, bytes: number): void {
  const largest = Math.max(key.byteLength, value.byteLength);
  if (largest <= MAX_ROW_PART_BYTES && bytes <= MAX_BLOCK_BYTES) return;
  throw new RaftError(
    'SNAPSHOT_FAILED',
    `a row of the state has ${bytes} bytes, and a snapshot takes ${MAX_BLOCK_BYTES}: split it`,
  );
}
