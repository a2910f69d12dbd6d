import {
  BLOCK_HEAD_BYTES,
  BLOCK_TAG,
  CHECKSUM_BYTES,
  checksumFits,
  decodeFooter,
  FOOTER_BYTES,
  FOOTER_TAG,
  MAX_BLOCK_BYTES,
  manifestOf,
  positionBehind,
  type SnapshotBlock,
  type SnapshotManifest,
  type SnapshotPosition,
  startOf,
} from './snapshot-block.js';
import { damaged } from './snapshot-error.js';
import {
  decodeHeader,
  HEADER_START_BYTES,
  headerChecksum,
  headerLength,
  type SnapshotHeader,
} from './snapshot-header.js';

/** Bytes that arrive in pieces, taken in other pieces. Holds what was not taken. */
class Arrived {
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  push(chunk: Buffer): void {
    if (chunk.byteLength === 0) return;
    this.#chunks.push(chunk);
    this.#bytes += chunk.byteLength;
  }

  /** The first `length`, which must be there, in one piece; they stay. */
  peek(length: number): Buffer {
    const [first] = this.#chunks;
    if (first !== undefined && first.byteLength >= length) return first.subarray(0, length);
    const all = Buffer.concat(this.#chunks);
    this.#chunks.length = 0;
    this.#chunks.push(all);
    return all.subarray(0, length);
  }

  take(length: number): Buffer {
    const taken = this.peek(length);
    const [first] = this.#chunks;
    this.#bytes -= length;
    if (first === undefined || first.byteLength === length) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(length);
    return taken;
  }
}

/**
 * Takes in a snapshot's bytes as they come, from its beginning or from the end of any block, and hands
 * out what is whole and checked. Holds one block and what came with it. All it throws is
 * SNAPSHOT_DAMAGED and, for the header, SNAPSHOT_FOREIGN.
 */
export class SnapshotParser {
  readonly #arrived = new Arrived();
  #header: { readonly bytes: Buffer; readonly header: SnapshotHeader } | undefined;
  #seed = 0;
  #position: SnapshotPosition | undefined;
  #manifest: SnapshotManifest | undefined;

  /** @param from what it belongs to, and where in it the first byte lies; the beginning when left out */
  constructor(from?: { readonly manifest: SnapshotManifest; readonly position: SnapshotPosition }) {
    if (from === undefined) return;
    const { headerBytes: bytes, header } = from.manifest;
    this.#begin(bytes, header, from.position);
  }

  /** As soon as it has arrived. */
  get header(): SnapshotHeader | undefined {
    return this.#header?.header;
  }

  /** Behind the last block that was handed out; undefined before the header. */
  get position(): SnapshotPosition | undefined {
    return this.#position;
  }

  /** Once the footer has arrived, and all before it is as it says. */
  get manifest(): SnapshotManifest | undefined {
    return this.#manifest;
  }

  push(chunk: Buffer): void {
    this.#arrived.push(chunk);
    if (this.#manifest !== undefined) this.#checkEnd();
  }

  /** The next block; undefined when it has not arrived as a whole, or there is none any more. */
  next(): SnapshotBlock | undefined {
    if (this.#manifest !== undefined || !this.#takeHeader()) return undefined;
    const position = this.#position;
    if (position === undefined || this.#arrived.bytes === 0) return undefined;
    const tag = this.#arrived.peek(1).readUInt8(0);
    if (tag === BLOCK_TAG) return this.#takeBlock(position);
    if (tag !== FOOTER_TAG) throw damaged('neither a block nor the end', position.offset);
    if (this.#arrived.bytes >= FOOTER_BYTES) this.#takeFooter(position);
    return undefined;
  }

  /** To be called when no more bytes come: SNAPSHOT_DAMAGED unless all were there. */
  end(): SnapshotManifest {
    if (this.#manifest !== undefined) return this.#manifest;
    throw damaged('it is cut', (this.#position?.offset ?? 0) + this.#arrived.bytes);
  }

  #begin(bytes: Buffer, header: SnapshotHeader, position: SnapshotPosition): void {
    this.#header = { bytes, header };
    this.#seed = headerChecksum(bytes);
    this.#position = position;
  }

  #takeHeader(): boolean {
    if (this.#header !== undefined) return true;
    if (this.#arrived.bytes < HEADER_START_BYTES) return false;
    const length = headerLength(this.#arrived.peek(HEADER_START_BYTES));
    if (this.#arrived.bytes < length) return false;
    const bytes = Buffer.from(this.#arrived.take(length));
    this.#begin(bytes, decodeHeader(bytes), startOf(bytes));
    return true;
  }

  #takeBlock(position: SnapshotPosition): SnapshotBlock | undefined {
    if (this.#arrived.bytes < BLOCK_HEAD_BYTES) return undefined;
    const head = this.#arrived.peek(BLOCK_HEAD_BYTES);
    const number = head.readUInt32BE(1);
    const rows = head.readUInt32BE(5);
    const payloadBytes = head.readUInt32BE(9);
    if (number !== position.blocks + 1) throw damaged('a block out of its order', position.offset);
    if (payloadBytes > MAX_BLOCK_BYTES) throw damaged('a block too long', position.offset);
    const length = BLOCK_HEAD_BYTES + payloadBytes + CHECKSUM_BYTES;
    if (this.#arrived.bytes < length) return undefined;
    const frame = this.#arrived.take(length);
    if (!checksumFits(frame, this.#seed)) {
      throw damaged(`the checksum of block ${number} does not fit`, position.offset);
    }
    const end = positionBehind(position, frame, rows);
    this.#position = end;
    const payload = frame.subarray(BLOCK_HEAD_BYTES, -CHECKSUM_BYTES);
    return { number, rows, payload, frame, end };
  }

  #takeFooter(position: SnapshotPosition): void {
    const extent = decodeFooter(this.#arrived.take(FOOTER_BYTES), this.#seed);
    if (extent === undefined) throw damaged('its end does not fit its checksum', position.offset);
    const same =
      extent.blocks === position.blocks &&
      extent.rows === position.rows &&
      extent.bytes === position.bytes &&
      extent.digest.equals(position.digest);
    if (!same) throw damaged('it is not what its end says', position.offset);
    const { bytes, header } = this.#header ?? {};
    if (bytes === undefined || header === undefined) return;
    this.#manifest = manifestOf(bytes, header, extent);
    this.#checkEnd();
  }

  #checkEnd(): void {
    if (this.#arrived.bytes > 0) {
      throw damaged('it goes on behind its end', this.#manifest?.fileBytes ?? 0);
    }
  }
}

/** What encodeManifest made; SNAPSHOT_DAMAGED and SNAPSHOT_FOREIGN otherwise. */
export function decodeManifest(bytes: Buffer): SnapshotManifest {
  if (bytes.byteLength < HEADER_START_BYTES) throw damaged('its manifest is cut', bytes.byteLength);
  const length = headerLength(bytes);
  const headerBytes = Buffer.from(bytes.subarray(0, length));
  const header = decodeHeader(headerBytes);
  const extent = decodeFooter(bytes.subarray(length), headerChecksum(headerBytes));
  if (extent === undefined) throw damaged('the end of its manifest does not fit', length);
  return manifestOf(headerBytes, header, extent);
}
