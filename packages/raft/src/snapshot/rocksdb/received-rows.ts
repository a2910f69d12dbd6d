import { rm } from 'node:fs/promises';
import { invariant } from '../../core/invariant.js';
import { isRaftError, RaftError } from '../../errors.js';
import type { RocksBatch } from '../../rocksdb/batch.js';
import { RocksDatabase } from '../../rocksdb/database.js';
import { isDirectory } from '../replace-directory.js';
import {
  encodeManifest,
  type SnapshotManifest,
  type SnapshotPosition,
  startOf,
} from '../snapshot-block.js';
import { damaged, foreign } from '../snapshot-error.js';
import { decodeManifest } from '../snapshot-parser.js';
import { takeRows } from '../snapshot-rows.js';

/** The row that says how far a snapshot was received; no state may have it. Sorts behind most others. */
const PROGRESS_KEY = Buffer.from('\xff\xff\xff\xffraft-ts received', 'latin1');
const PROGRESS_FIRST_BYTE = 0xff;
/** Blocks (4), rows (8), bytes (8), offset (8), digest (32); the manifest follows. */
const POSITION_BYTES = 60;
/** Of writes in memory: one moves rows in the order of their keys, which need no more. */
const MEMTABLE_BYTES = 32 * 1024 * 1024;

interface Begun {
  readonly manifest: SnapshotManifest;
  position: SnapshotPosition;
}

/**
 * A state that arrives, as rows of a RocksDB database of its own. How far it came is a row too, written
 * with what it speaks of. Its calls wait for the disk: it is for a thread of its own.
 */
export class ReceivedRows {
  readonly #directory: string;
  #database: RocksDatabase | undefined;
  #batch: RocksBatch | undefined;
  #begun: Begun | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** What was begun and is not whole yet, by whatever process. */
  async begun(): Promise<SnapshotManifest | undefined> {
    if (this.#database === undefined && !(await isDirectory(this.#directory))) return undefined;
    await this.#open();
    return this.#begun?.manifest;
  }

  async begin(manifest: SnapshotManifest): Promise<SnapshotPosition> {
    if (manifest.header.contents !== 'rows') {
      throw foreign('the snapshot holds chunks, and this state is made of rows');
    }
    await this.#open();
    if (this.#begun !== undefined && this.#begun.manifest.id === manifest.id) {
      return this.#begun.position;
    }
    await this.discard();
    await this.#open();
    const position = startOf(manifest.headerBytes);
    this.#begun = { manifest, position };
    await this.#closedUnless(() => this.#write(position));
    return position;
  }

  /**
   * The rows of one block. SNAPSHOT_DAMAGED where they are none, or not for a state. After a failure it
   * is as if it had just been made: `begin` says what is there.
   */
  async accept(payload: Buffer, rows: number, end: SnapshotPosition): Promise<void> {
    await this.#closedUnless(() => this.#accept(payload, rows, end));
  }

  #accept(payload: Buffer, rows: number, end: SnapshotPosition): void {
    const { begun, batch } = this.#current();
    invariant(end.blocks === begun.position.blocks + 1, 'a block was left out');
    let reserved = false;
    const fits = takeRows(payload, rows, (key, value) => {
      if (key[0] === PROGRESS_FIRST_BYTE && PROGRESS_KEY.equals(key)) reserved = true;
      batch.put(key, value);
    });
    if (!fits || reserved) throw damaged('rows that are none', begun.position.offset);
    this.#write(end);
    begun.position = end;
  }

  /** All of it is on the disk when this resolves, and nobody has it open. After a failure as after one of `accept`. */
  async complete(): Promise<void> {
    const { begun, batch } = this.#current();
    const { manifest, position } = begun;
    const whole =
      position.blocks === manifest.extent.blocks && position.digest.equals(manifest.extent.digest);
    if (!whole) throw damaged('not all blocks were received', position.offset);
    await this.#closedUnless(() => {
      batch.delete(PROGRESS_KEY);
      batch.write({ sync: true });
    });
    await this.close();
  }

  async discard(): Promise<void> {
    await this.close();
    await rm(this.#directory, { recursive: true, force: true });
  }

  async close(): Promise<void> {
    const database = this.#database;
    this.#database = undefined;
    this.#batch = undefined;
    this.#begun = undefined;
    await database?.close();
  }

  /** After a failure the database may take no more writes, until it is opened again. */
  async #closedUnless(work: () => void): Promise<void> {
    try {
      work();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  #current(): { readonly begun: Begun; readonly batch: RocksBatch } {
    const [begun, batch] = [this.#begun, this.#batch];
    invariant(begun !== undefined && batch !== undefined, 'no snapshot was begun');
    return { begun, batch };
  }

  async #open(): Promise<void> {
    if (this.#database !== undefined) return;
    try {
      await this.#openOnce();
    } catch (error) {
      if (!isRaftError(error, 'DATABASE_CORRUPT')) throw error;
      // It is nobody's state yet: it can be had again.
      await this.discard();
      await this.#openOnce();
    }
  }

  async #openOnce(): Promise<void> {
    const database = await RocksDatabase.open({
      directory: this.#directory,
      memtableBudgetBytes: MEMTABLE_BYTES,
      blockCacheBytes: 1024 * 1024,
    });
    this.#database = database;
    this.#batch = database.batch();
    const [value] = database.getManySync([PROGRESS_KEY]);
    this.#begun = value === undefined ? undefined : decodeProgress(value);
  }

  #write(position: SnapshotPosition): void {
    const { begun, batch } = this.#current();
    batch.put(PROGRESS_KEY, encodeProgress({ manifest: begun.manifest, position }));
    batch.write({ sync: false });
    batch.clear();
  }
}

function encodeProgress({ manifest, position }: Begun): Buffer {
  const bytes = Buffer.alloc(POSITION_BYTES);
  bytes.writeUInt32BE(position.blocks, 0);
  bytes.writeBigUInt64BE(BigInt(position.rows), 4);
  bytes.writeBigUInt64BE(BigInt(position.bytes), 12);
  bytes.writeBigUInt64BE(BigInt(position.offset), 20);
  position.digest.copy(bytes, 28);
  return Buffer.concat([bytes, encodeManifest(manifest)]);
}

/** Undefined for what another version wrote: it begins anew. */
function decodeProgress(bytes: Buffer): Begun | undefined {
  try {
    const manifest = decodeManifest(bytes.subarray(POSITION_BYTES));
    const position = {
      blocks: bytes.readUInt32BE(0),
      rows: Number(bytes.readBigUInt64BE(4)),
      bytes: Number(bytes.readBigUInt64BE(12)),
      offset: Number(bytes.readBigUInt64BE(20)),
      digest: Buffer.from(bytes.subarray(28, POSITION_BYTES)),
    };
    return { manifest, position };
  } catch (error) {
    if (error instanceof RaftError) return undefined;
    throw error;
  }
}
