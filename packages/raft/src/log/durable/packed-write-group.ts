import { crc32 } from 'node:zlib';
import type { Entry, HardState } from '../../core/log/entry.js';
import type { LogBase } from '../../core/log/log-state.js';
import { encodeMembership } from '../../core/membership/membership-codec.js';
import type { LogOutline } from '../log-outline.js';
import type { LogWrite } from '../log-store.js';
import type { LogTail, TailChange } from '../log-tail.js';
import {
  BASE_FIXED_BYTES,
  BASE_FORMAT,
  BASE_KEY,
  CHECKSUM_BYTES,
  ENTRY_FIXED_BYTES,
  ENTRY_FORMAT,
  entryKey,
  HARD_STATE_BYTES,
  HARD_STATE_FORMAT,
  HARD_STATE_KEY,
  INDEX_BYTES,
  KEY_BYTES,
  putEntryKey,
  putInteger,
  takeInteger,
} from './layout.js';
import type { LogRowBatch } from './log-rows.js';
import type { Mark } from './mark.js';
import { encodeOutline } from './outline-codec.js';

/*
 * A write group: writes that become durable together, in memory that two threads share. The owner of
 * the log packs them, the writing thread reads them; who may touch a group is passed on by messages.
 *
 * A header of 8-byte floats (bytes used, then the summary in the order of `seal`), then operations:
 *   1: length of the value (4), key (12), value, whose last 4 bytes are left for the checksum
 *   2: first index (8), last index (8), both to be deleted with all between
 *   3: length (4) and bytes of the log's outline, which no row is
 */
const HEADER_FIELDS = 9;
const HEADER_BYTES = HEADER_FIELDS * 8;
const PUT = 1;
const DELETE = 2;
const OUTLINE = 3;
const PUT_BYTES = 1 + 4 + KEY_BYTES;
const DELETE_BYTES = 1 + 2 * INDEX_BYTES;
const OUTLINE_HEADER_BYTES = 1 + 4;

/** What a write group does, besides its rows. */
export interface WriteGroupSummary extends LogEnds {
  /** The lowest index that was replaced; 0 for none. */
  readonly replacedFrom: number;
  /** The term before `replacedFrom`. */
  readonly termBefore: number;
}

/** The log's two ends and the hard state once the group is written, as a log's tail knows them. */
export interface LogEnds extends Mark {
  readonly baseIndex: number;
}

export function logEnds({ base, lastIndex, lastTerm, hardState }: LogTail): LogEnds {
  const { term, votedFor, recovery } = hardState;
  return { baseIndex: base.index, lastIndex, lastTerm, term, votedFor, recovery };
}

/** Packs writes. */
export class WriteGroupPacker {
  #memory: SharedArrayBuffer;
  #bytes: Uint8Array;
  #view: DataView;
  #length = HEADER_BYTES;
  #replacedFrom = 0;
  #termBefore = 0;

  constructor(capacityBytes: number) {
    this.#memory = new SharedArrayBuffer(capacityBytes);
    this.#bytes = new Uint8Array(this.#memory);
    this.#view = new DataView(this.#memory);
  }

  get memory(): SharedArrayBuffer {
    return this.#memory;
  }

  get isEmpty(): boolean {
    return this.#length === HEADER_BYTES;
  }

  /** Empties the group, and gives back memory that only an outsized write had needed. */
  reset(capacityBytes: number): void {
    if (this.#memory.byteLength > capacityBytes) this.#allocate(capacityBytes);
    this.#length = HEADER_BYTES;
    this.#replacedFrom = 0;
    this.#termBefore = 0;
  }

  /**
   * Adds `write`, and the log's outline behind it if one is given; false, with nothing added, if there is no room
   * and other writes came before.
   */
  add(write: LogWrite, change: TailChange, outline?: LogOutline): boolean {
    const { base, hardState, entries } = write;
    const membership = base && encodeMembership(base.membership);
    const outlined = outline && encodeOutline(outline);
    const needed = this.#length + packedBytes(write, membership?.byteLength, outlined?.byteLength);
    if (needed > this.#memory.byteLength) {
      if (!this.isEmpty) return false;
      this.#allocate(needed);
    }
    this.#addReplacement(change);
    if (base !== undefined && membership !== undefined) this.#addBase(base, membership);
    for (const entry of entries) this.#addEntry(entry);
    if (hardState !== undefined) this.#addHardState(hardState);
    if (outlined !== undefined) this.#addOutline(outlined);
    return true;
  }

  /** Writes the header: the group can be handed over. */
  seal(end: LogEnds): void {
    const { baseIndex, lastIndex, lastTerm, term, votedFor, recovery } = end;
    new Float64Array(this.#memory, 0, HEADER_FIELDS).set([
      this.#length,
      this.#replacedFrom,
      this.#termBefore,
      baseIndex,
      lastIndex,
      lastTerm,
      term,
      votedFor,
      recovery,
    ]);
  }

  #allocate(capacityBytes: number): void {
    this.#memory = new SharedArrayBuffer(capacityBytes);
    this.#bytes = new Uint8Array(this.#memory);
    this.#view = new DataView(this.#memory);
  }

  #addReplacement(change: TailChange): void {
    const { replacedFrom, termBefore, lastIndexBefore, lastIndexAfter } = change;
    if (replacedFrom > 0 && (this.#replacedFrom === 0 || replacedFrom < this.#replacedFrom)) {
      this.#replacedFrom = replacedFrom;
      this.#termBefore = termBefore;
    }
    // What stands in between is overwritten, or below the base.
    if (lastIndexAfter >= lastIndexBefore) return;
    this.#view.setUint8(this.#length, DELETE);
    putInteger(this.#view, this.#length + 1, lastIndexAfter + 1);
    putInteger(this.#view, this.#length + 1 + INDEX_BYTES, lastIndexBefore);
    this.#length += DELETE_BYTES;
  }

  #addBase({ index, term }: LogBase, membership: Uint8Array): void {
    const key = this.#addPut(BASE_FIXED_BYTES + membership.byteLength);
    this.#bytes.set(BASE_KEY, key);
    const at = key + KEY_BYTES;
    this.#view.setUint8(at, BASE_FORMAT);
    putInteger(this.#view, at + 1, index);
    putInteger(this.#view, at + 9, term);
    this.#bytes.set(membership, at + 17);
  }

  #addEntry(entry: Entry): void {
    const payloadBytes = entry.data.byteLength;
    const key = this.#addPut(ENTRY_FIXED_BYTES + payloadBytes);
    putEntryKey(this.#view, key, entry.index);
    const at = key + KEY_BYTES;
    this.#view.setUint8(at, ENTRY_FORMAT);
    putInteger(this.#view, at + 1, entry.term);
    this.#view.setUint8(at + 9, entry.type);
    this.#bytes.set(entry.data, at + 10);
  }

  #addHardState(hardState: HardState): void {
    const key = this.#addPut(HARD_STATE_BYTES);
    this.#bytes.set(HARD_STATE_KEY, key);
    const at = key + KEY_BYTES;
    this.#view.setUint8(at, HARD_STATE_FORMAT);
    putInteger(this.#view, at + 1, hardState.term);
    putInteger(this.#view, at + 9, hardState.votedFor);
    putInteger(this.#view, at + 17, hardState.commit);
    putInteger(this.#view, at + 25, hardState.recovery);
  }

  #addOutline(outlined: Uint8Array): void {
    this.#view.setUint8(this.#length, OUTLINE);
    this.#view.setUint32(this.#length + 1, outlined.byteLength);
    this.#bytes.set(outlined, this.#length + OUTLINE_HEADER_BYTES);
    this.#length += OUTLINE_HEADER_BYTES + outlined.byteLength;
  }

  /** Makes room for a put; returns where its key begins. */
  #addPut(valueBytes: number): number {
    this.#view.setUint8(this.#length, PUT);
    this.#view.setUint32(this.#length + 1, valueBytes);
    const at = this.#length + PUT_BYTES - KEY_BYTES;
    this.#length += PUT_BYTES + valueBytes;
    return at;
  }
}

/** `membershipBytes`: of the base's, as it is encoded, like the outline. */
function packedBytes(write: LogWrite, membershipBytes = 0, outlineBytes?: number): number {
  let bytes = DELETE_BYTES;
  if (outlineBytes !== undefined) bytes += OUTLINE_HEADER_BYTES + outlineBytes;
  if (write.base !== undefined) bytes += PUT_BYTES + BASE_FIXED_BYTES + membershipBytes;
  if (write.hardState !== undefined) bytes += PUT_BYTES + HARD_STATE_BYTES;
  for (const entry of write.entries) {
    bytes += PUT_BYTES + ENTRY_FIXED_BYTES + entry.data.byteLength;
  }
  return bytes;
}

/** Puts the hard state that a new log begins with on the disk. */
export function writeFirstHardState(batch: LogRowBatch, hardState: HardState): void {
  const group = new WriteGroupPacker(HEADER_BYTES);
  const change = { replacedFrom: 0, termBefore: 0, lastIndexBefore: 0, lastIndexAfter: 0 };
  group.add({ hardState, entries: [] }, change);
  group.seal({ ...hardState, baseIndex: 0, lastIndex: 0, lastTerm: 0 });
  new PackedWriteGroup(group.memory).copyTo(batch);
  batch.write({ sync: true });
  batch.clear();
}

/** Reads a write group that was handed over. */
export class PackedWriteGroup {
  readonly #bytes: Buffer;
  readonly summary: WriteGroupSummary;
  #outline: Buffer | undefined;
  readonly #length: number;

  constructor(memory: SharedArrayBuffer) {
    this.#bytes = Buffer.from(memory);
    const header = new Float64Array(memory, 0, HEADER_FIELDS);
    const field = (place: number) => header[place] ?? 0;
    this.#length = field(0);
    this.summary = {
      replacedFrom: field(1),
      termBefore: field(2),
      baseIndex: field(3),
      lastIndex: field(4),
      lastTerm: field(5),
      term: field(6),
      votedFor: field(7),
      recovery: field(8),
    };
  }

  /** The newest that came with it; known once its rows were copied. */
  get outline(): Uint8Array | undefined {
    return this.#outline;
  }

  /** Adds the checksums and puts everything into `batch`. */
  copyTo(batch: Pick<LogRowBatch, 'put' | 'delete'>): void {
    let at = HEADER_BYTES;
    while (at < this.#length) {
      if (this.#bytes[at] === PUT) {
        const valueBytes = this.#bytes.readUInt32BE(at + 1);
        this.#put(batch, at + PUT_BYTES - KEY_BYTES, valueBytes);
        at += PUT_BYTES + valueBytes;
      } else if (this.#bytes[at] === OUTLINE) {
        const bytesAt = at + OUTLINE_HEADER_BYTES;
        at = bytesAt + this.#bytes.readUInt32BE(at + 1);
        this.#outline = this.#bytes.subarray(bytesAt, at);
      } else {
        this.#delete(batch, at + 1);
        at += DELETE_BYTES;
      }
    }
  }

  #put(batch: Pick<LogRowBatch, 'put' | 'delete'>, at: number, valueBytes: number): void {
    const end = at + KEY_BYTES + valueBytes;
    const checksum = crc32(this.#bytes.subarray(at, end - CHECKSUM_BYTES));
    this.#bytes.writeUInt32BE(checksum, end - CHECKSUM_BYTES);
    batch.put(this.#bytes.subarray(at, at + KEY_BYTES), this.#bytes.subarray(at + KEY_BYTES, end));
  }

  #delete(batch: Pick<LogRowBatch, 'put' | 'delete'>, at: number): void {
    const last = takeInteger(this.#bytes, at + INDEX_BYTES);
    for (let index = takeInteger(this.#bytes, at); index <= last; index++) {
      batch.delete(entryKey(index));
    }
  }
}
