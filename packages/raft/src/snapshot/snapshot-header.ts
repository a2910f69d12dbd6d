import { crc32 } from 'node:zlib';
import { type OptionsForm, text, wholeNumber } from '@raft-ts/net/options';
import type { LogBase } from '../core/log/log-state.js';
import { decodeMembership, encodeMembership } from '../core/membership/membership-codec.js';
import { MembershipDamaged } from '../core/membership/membership-json.js';
import { damaged, foreign } from './snapshot-error.js';

/** What a snapshot's blocks hold. */
export type SnapshotContents = 'rows' | 'chunks';

/** What a state's application is, and how it writes its state. */
export interface SnapshotApplication {
  /** Not empty. */
  readonly name: string;
  /** Raised when the state is written in another way: 0 to 2^32 - 1. */
  readonly version: number;
}

/** What a snapshot is of. Two members that write the same state write the same bytes. */
export interface SnapshotHeader {
  readonly clusterId: string;
  readonly group: number;
  /** The state is as of this index; what the log goes on with behind it. */
  readonly base: LogBase;
  readonly application: SnapshotApplication;
  readonly contents: SnapshotContents;
}

/** "RFSN". */
const MAGIC = 0x5246534e;
const SNAPSHOT_FORMAT = 1;
/** Magic, format, length. */
export const HEADER_START_BYTES = 12;
const CHECKSUM_BYTES = 4;
/** Of the whole header; the membership is all of it that grows. */
const MAX_HEADER_BYTES = 1024 * 1024;
const CONTENTS: readonly SnapshotContents[] = ['rows', 'chunks'];
/** Group, index, term, contents, application's version, lengths of three texts. */
const FIXED_BYTES: number = 4 + 8 + 8 + 1 + 4 + 3 * 4;

/**
 * Magic (4), format (4), length of the whole (4), group (4), index (8), term (8), contents (1),
 * application's version (4); application's name, cluster's id, membership, each with its length (4)
 * before it; CRC-32 (4). Big endian. Whatever the format, magic, format, length and CRC-32 stand there.
 */
export function encodeHeader(header: SnapshotHeader): Buffer {
  const { base, application } = header;
  const texts = [
    Buffer.from(application.name),
    Buffer.from(header.clusterId),
    Buffer.from(encodeMembership(base.membership)),
  ];
  const textBytes = texts.reduce((sum, text) => sum + text.byteLength, 0);
  const bytes = Buffer.alloc(HEADER_START_BYTES + FIXED_BYTES + textBytes + CHECKSUM_BYTES);
  bytes.writeUInt32BE(MAGIC, 0);
  bytes.writeUInt32BE(SNAPSHOT_FORMAT, 4);
  bytes.writeUInt32BE(bytes.byteLength, 8);
  bytes.writeUInt32BE(header.group, 12);
  bytes.writeBigUInt64BE(BigInt(base.index), 16);
  bytes.writeBigUInt64BE(BigInt(base.term), 24);
  bytes.writeUInt8(CONTENTS.indexOf(header.contents), 32);
  bytes.writeUInt32BE(application.version, 33);
  let at = 37;
  for (const text of texts) {
    at = bytes.writeUInt32BE(text.byteLength, at);
    at += text.copy(bytes, at);
  }
  bytes.writeUInt32BE(crc32(bytes.subarray(0, at)), at);
  return bytes;
}

/**
 * Bytes of the header that `start` begins with: HEADER_START_BYTES of it. SNAPSHOT_DAMAGED when it is
 * no header.
 */
export function headerLength(start: Buffer): number {
  if (start.readUInt32BE(0) !== MAGIC) throw damaged('it does not begin as one', 0);
  const length = start.readUInt32BE(8);
  if (length < HEADER_START_BYTES + CHECKSUM_BYTES || length > MAX_HEADER_BYTES) {
    throw damaged('its header has an impossible length', 8);
  }
  return length;
}

/** SNAPSHOT_DAMAGED, or SNAPSHOT_FOREIGN for another format, unless encodeHeader wrote `bytes`. */
export function decodeHeader(bytes: Buffer): SnapshotHeader {
  if (bytes.byteLength < HEADER_START_BYTES || headerLength(bytes) !== bytes.byteLength) {
    throw damaged('its header is cut', bytes.byteLength);
  }
  const end = bytes.byteLength - CHECKSUM_BYTES;
  if (crc32(bytes.subarray(0, end)) !== bytes.readUInt32BE(end)) {
    throw damaged('the checksum of its header does not fit', end);
  }
  const format = bytes.readUInt32BE(4);
  if (format !== SNAPSHOT_FORMAT) {
    throw foreign(
      `the snapshot has format ${format}, and this version reads ${SNAPSHOT_FORMAT}. Use the version that wrote it.`,
    );
  }
  return decodeFields(bytes, end);
}

function decodeFields(bytes: Buffer, end: number): SnapshotHeader {
  const malformed = () => damaged('its header holds what nobody writes', HEADER_START_BYTES);
  if (end < HEADER_START_BYTES + FIXED_BYTES) throw malformed();
  const index = Number(bytes.readBigUInt64BE(16));
  const term = Number(bytes.readBigUInt64BE(24));
  const contents = CONTENTS[bytes.readUInt8(32)];
  let at = 37;
  const text = () => {
    if (at + 4 > end) throw malformed();
    const length = bytes.readUInt32BE(at);
    at += 4 + length;
    if (at > end) throw malformed();
    return bytes.subarray(at - length, at);
  };
  const name = text().toString();
  const clusterId = text().toString();
  const membershipBytes = text();
  if (at !== end || contents === undefined) throw malformed();
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(term)) throw malformed();
  try {
    return {
      clusterId,
      group: bytes.readUInt32BE(12),
      base: { index, term, membership: decodeMembership(membershipBytes) },
      application: { name, version: bytes.readUInt32BE(33) },
      contents,
    };
  } catch (error) {
    if (error instanceof MembershipDamaged) throw malformed();
    throw error;
  }
}

/** The checksum of an encoded header: what its blocks are bound to. */
export function headerChecksum(header: Buffer): number {
  return header.readUInt32BE(header.byteLength - CHECKSUM_BYTES);
}

export const applicationForm: OptionsForm<SnapshotApplication, Record<never, never>> = {
  fields: { name: text, version: wholeNumber(0, 2 ** 32 - 1) },
  defaults: {},
};
