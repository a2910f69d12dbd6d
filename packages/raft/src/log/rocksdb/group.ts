import { crc32 } from 'node:zlib';
import type { Entry, HardState } from '../../core/entry.js';
import type { RocksBatch } from '../../rocksdb/batch.js';
import type { LogWrite } from '../log-store.js';
import type { TailChange } from '../log-tail.js';
import {
  CHECKSUM_BYTES,
  ENTRY_FIXED_BYTES,
  entryKey,
  HARD_STATE_BYTES,
  HARD_STATE_KEY,
  KEY_BYTES,
  putInteger,
  takeInteger,
} from './layout.js';

/*
 * Writes that become durable together, in memory that two threads share: the owner of the log
 * packs them, the writing thread reads them. Who may touch a group is passed on by messages.
 *
 * A header of 8-byte floats (bytes used, then the summary's fields in their order), then
 * operations:
 *   1: length of the value (4), key (8), value, whose last 4 bytes are left for the checksum
 *   2: first index (8), last index (8), both to be deleted with all between
 */
const HEADER_FIELDS = 7;
const HEADER_BYTES = HEADER_FIELDS * 8;
const PUT = 1;
const DELETE = 2;
const PUT_BYTES = 1 + 4 + KEY_BYTES;
const DELETE_BYTES = 1 + 2 * KEY_BYTES;

/** What a group does, besides its rows. */
export interface GroupSummary {
  /** The lowest index that was replaced; 0 for none. */
  readonly replacedFrom: number;
  /** The term before `replacedFrom`. */
  readonly termBefore: number;
  /** The log's end and the hard state once the group is written. */
  readonly lastIndex: number;
  readonly lastTerm: number;
  readonly term: number;
  readonly votedFor: number;
}

/** Packs writes. */
export class GroupWriter {
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

  /** Adds `write`; false, with nothing added, if there is no room and other writes came before. */
  add(write: LogWrite, change: TailChange): boolean {
    const needed = this.#length + packedBytes(write);
    if (needed > this.#memory.byteLength) {
      if (!this.isEmpty) return false;
      this.#allocate(needed);
    }
    if (change.replacedFrom > 0) this.#addReplacement(write, change);
    for (const entry of write.entries) this.#addEntry(entry);
    if (write.hardState !== undefined) this.#addHardState(write.hardState);
    return true;
  }

  /** Writes the header: the group can be handed over. */
  seal(end: Omit<GroupSummary, 'replacedFrom' | 'termBefore'>): void {
    const header = new Float64Array(this.#memory, 0, HEADER_FIELDS);
    header[0] = this.#length;
    header[1] = this.#replacedFrom;
    header[2] = this.#termBefore;
    header[3] = end.lastIndex;
    header[4] = end.lastTerm;
    header[5] = end.term;
    header[6] = end.votedFor;
  }

  #allocate(capacityBytes: number): void {
    this.#memory = new SharedArrayBuffer(capacityBytes);
    this.#bytes = new Uint8Array(this.#memory);
    this.#view = new DataView(this.#memory);
  }

  #addReplacement(write: LogWrite, change: TailChange): void {
    if (this.#replacedFrom === 0 || change.replacedFrom < this.#replacedFrom) {
      this.#replacedFrom = change.replacedFrom;
      this.#termBefore = change.termBefore;
    }
    const firstDeleted = change.replacedFrom + write.entries.length;
    if (firstDeleted > change.lastIndexBefore) return;
    this.#view.setUint8(this.#length, DELETE);
    putInteger(this.#view, this.#length + 1, firstDeleted);
    putInteger(this.#view, this.#length + 1 + KEY_BYTES, change.lastIndexBefore);
    this.#length += DELETE_BYTES;
  }

  #addEntry(entry: Entry): void {
    const payloadBytes = entry.data.byteLength;
    const at = this.#addPut(ENTRY_FIXED_BYTES + payloadBytes);
    putInteger(this.#view, at, entry.index);
    putInteger(this.#view, at + 8, entry.term);
    this.#view.setUint8(at + 16, entry.type);
    this.#bytes.set(entry.data, at + 17);
  }

  #addHardState(hardState: HardState): void {
    const at = this.#addPut(HARD_STATE_BYTES);
    this.#bytes.set(HARD_STATE_KEY, at);
    putInteger(this.#view, at + 8, hardState.term);
    putInteger(this.#view, at + 16, hardState.votedFor);
    putInteger(this.#view, at + 24, hardState.commit);
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

function packedBytes(write: LogWrite): number {
  let bytes = DELETE_BYTES;
  if (write.hardState !== undefined) bytes += PUT_BYTES + HARD_STATE_BYTES;
  for (const entry of write.entries) {
    bytes += PUT_BYTES + ENTRY_FIXED_BYTES + entry.data.byteLength;
  }
  return bytes;
}

type BatchTarget = Pick<RocksBatch, 'put' | 'delete'>;

/** Reads a group that was handed over. */
export class GroupReader {
  readonly #bytes: Buffer;
  readonly summary: GroupSummary;
  readonly #length: number;

  constructor(memory: SharedArrayBuffer) {
    this.#bytes = Buffer.from(memory);
    const header = new Float64Array(memory, 0, HEADER_FIELDS);
    const field = (place: number) => header[place] ?? 0;
    this.#length = field(0);
    this.summary = {
      replacedFrom: field(1),
      termBefore: field(2),
      lastIndex: field(3),
      lastTerm: field(4),
      term: field(5),
      votedFor: field(6),
    };
  }

  /** Adds the checksums and puts everything into `batch`. */
  copyTo(batch: BatchTarget): void {
    let at = HEADER_BYTES;
    while (at < this.#length) {
      if (this.#bytes[at] === PUT) {
        const valueBytes = this.#bytes.readUInt32BE(at + 1);
        this.#put(batch, at + PUT_BYTES - KEY_BYTES, valueBytes);
        at += PUT_BYTES + valueBytes;
      } else {
        this.#delete(batch, at + 1);
        at += DELETE_BYTES;
      }
    }
  }

  #put(batch: BatchTarget, at: number, valueBytes: number): void {
    const end = at + KEY_BYTES + valueBytes;
    const checksum = crc32(this.#bytes.subarray(at, end - CHECKSUM_BYTES));
    this.#bytes.writeUInt32BE(checksum, end - CHECKSUM_BYTES);
    batch.put(this.#bytes.subarray(at, at + KEY_BYTES), this.#bytes.subarray(at + KEY_BYTES, end));
  }

  #delete(batch: BatchTarget, at: number): void {
    const last = takeInteger(this.#bytes, at + KEY_BYTES);
    for (let index = takeInteger(this.#bytes, at); index <= last; index++) {
      batch.delete(entryKey(index));
    }
  }
}
