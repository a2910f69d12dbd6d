import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { SnapshotHeader } from './snapshot-header.js';
import { headerChecksum } from './snapshot-header.js';

/*
 * Behind the header come blocks, and a footer. Big endian.
 *
 *   block    1 (1), number from 1 on (4), rows (4), length of the payload (4), payload, CRC-32 (4)
 *   footer   2 (1), blocks (4), rows (8), bytes of all payloads (8), digest (32), CRC-32 (4)
 *
 * A CRC-32 goes over all before it in the block or footer, and begins with the header's: blocks of
 * another snapshot, or in another order, do not fit. The digest is a chain of SHA-256: of the header
 * first, then of what it was and the next block, as a whole. So whoever holds the first n blocks and
 * the digest up to there can go on with block n + 1, and snapshots with one digest are the same bytes.
 */

/** A block is closed before the row that would make its payload longer; a longer row goes alone. */
export const BLOCK_BYTES: number = 1024 * 1024;
/** Of a payload: a row alone. */
export const MAX_BLOCK_BYTES: number = 16 * 1024 * 1024;

export const BLOCK_TAG = 1;
export const FOOTER_TAG = 2;
/** Bytes of a block before its payload. */
export const BLOCK_HEAD_BYTES = 13;
export const CHECKSUM_BYTES = 4;
const DIGEST_BYTES = 32;
export const FOOTER_BYTES: number = 1 + 4 + 8 + 8 + DIGEST_BYTES + CHECKSUM_BYTES;

/** What the blocks of a snapshot are up to some place; what its footer says at the end. */
export interface SnapshotExtent {
  readonly blocks: number;
  readonly rows: number;
  /** Of payloads. */
  readonly bytes: number;
  /** DIGEST_BYTES of it. */
  readonly digest: Buffer;
}

/** How far a snapshot was taken in. */
export interface SnapshotPosition extends SnapshotExtent {
  /** From its beginning: where the next block begins. */
  readonly offset: number;
}

export interface SnapshotBlock {
  /** From 1 on. */
  readonly number: number;
  readonly rows: number;
  /** Within `frame`. */
  readonly payload: Buffer;
  /** The whole block, as it stands in the file. */
  readonly frame: Buffer;
  /** Behind this block. */
  readonly end: SnapshotPosition;
}

/** A snapshot without its blocks. */
export interface SnapshotManifest {
  /** The same only for the same bytes: `INDEX-TERM-DIGEST`. */
  readonly id: string;
  readonly header: SnapshotHeader;
  /** As it stands in the file. */
  readonly headerBytes: Buffer;
  readonly extent: SnapshotExtent;
  /** Of the whole: header, blocks and footer. */
  readonly fileBytes: number;
}

/** Before the first block. */
export function startOf(headerBytes: Buffer): SnapshotPosition {
  const digest = createHash('sha256').update(headerBytes).digest();
  return { blocks: 0, rows: 0, bytes: 0, digest, offset: headerBytes.byteLength };
}

/** Where `frame`, the block behind `before`, ends. */
export function positionBehind(
  before: SnapshotPosition,
  frame: Buffer,
  rows: number,
): SnapshotPosition {
  return {
    blocks: before.blocks + 1,
    rows: before.rows + rows,
    bytes: before.bytes + frame.byteLength - BLOCK_HEAD_BYTES - CHECKSUM_BYTES,
    digest: createHash('sha256').update(before.digest).update(frame).digest(),
    offset: before.offset + frame.byteLength,
  };
}

/** Puts head and checksum of a block around the payload that `frame` has in its place. */
export function sealBlock(frame: Buffer, number: number, rows: number, seed: number): void {
  const end = frame.byteLength - CHECKSUM_BYTES;
  frame.writeUInt8(BLOCK_TAG, 0);
  frame.writeUInt32BE(number, 1);
  frame.writeUInt32BE(rows, 5);
  frame.writeUInt32BE(end - BLOCK_HEAD_BYTES, 9);
  frame.writeUInt32BE(crc32(frame.subarray(0, end), seed), end);
}

export function encodeFooter(extent: SnapshotExtent, seed: number): Buffer {
  const bytes = Buffer.alloc(FOOTER_BYTES);
  const end = FOOTER_BYTES - CHECKSUM_BYTES;
  bytes.writeUInt8(FOOTER_TAG, 0);
  bytes.writeUInt32BE(extent.blocks, 1);
  bytes.writeBigUInt64BE(BigInt(extent.rows), 5);
  bytes.writeBigUInt64BE(BigInt(extent.bytes), 13);
  extent.digest.copy(bytes, 21);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, end), seed), end);
  return bytes;
}

/** Undefined unless encodeFooter wrote it with this seed. */
export function decodeFooter(bytes: Buffer, seed: number): SnapshotExtent | undefined {
  const end = FOOTER_BYTES - CHECKSUM_BYTES;
  if (bytes.byteLength !== FOOTER_BYTES || bytes.readUInt8(0) !== FOOTER_TAG) return undefined;
  if (!checksumFits(bytes, seed)) return undefined;
  const extent = {
    blocks: bytes.readUInt32BE(1),
    rows: Number(bytes.readBigUInt64BE(5)),
    bytes: Number(bytes.readBigUInt64BE(13)),
    digest: Buffer.from(bytes.subarray(21, end)),
  };
  return Number.isSafeInteger(extent.rows) && Number.isSafeInteger(extent.bytes)
    ? extent
    : undefined;
}

/** Whether the CRC-32 at the end of a block or footer fits. */
export function checksumFits(bytes: Buffer, seed: number): boolean {
  const end = bytes.byteLength - CHECKSUM_BYTES;
  return crc32(bytes.subarray(0, end), seed) === bytes.readUInt32BE(end);
}

/** What `headerBytes` begins and a footer that says `extent` ends. */
export function manifestOf(
  headerBytes: Buffer,
  header: SnapshotHeader,
  { blocks, rows, bytes, digest }: SnapshotExtent,
): SnapshotManifest {
  const { index, term } = header.base;
  const framing = blocks * (BLOCK_HEAD_BYTES + CHECKSUM_BYTES);
  return {
    id: `${index}-${term}-${digest.toString('hex', 0, DIGEST_BYTES / 2)}`,
    header,
    headerBytes,
    extent: { blocks, rows, bytes, digest },
    fileBytes: headerBytes.byteLength + bytes + framing + FOOTER_BYTES,
  };
}

/** Header and footer, one behind the other: how a manifest travels and is kept. */
export function encodeManifest({ headerBytes, extent }: SnapshotManifest): Buffer {
  return Buffer.concat([headerBytes, encodeFooter(extent, headerChecksum(headerBytes))]);
}
