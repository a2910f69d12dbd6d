import {
  type FetchedSnapshot,
  RaftError,
  type SnapshotBlock,
  type SnapshotManifest,
  type SnapshotPosition,
  type SnapshotReceiver,
  takeRows,
} from 'raft-ts';
import {
  decodeManifest,
  encodeManifest,
  receivedPath,
  replaceDirectory,
  startOf,
  WholeSnapshot,
} from 'raft-ts/testing';
import type { FileContents, VirtualFiles } from '../disk/virtual-files.js';
import type { Random } from '../random.js';

/** The directory that is the state. */
export const STATE_DIRECTORY = 'state';

interface Received {
  readonly rows: readonly (readonly [key: string, value: string])[];
  readonly end: SnapshotPosition;
}

/**
 * Rows that arrive, as a database of their own: block by block, each with how far that is. A crash keeps any
 * first part of those that were not synced.
 */
export class ReceivedRows implements FileContents {
  readonly manifestBytes: Buffer;
  #blocks: Received[] = [];
  #synced = 0;
  /** All of it is there: it is a state. */
  #whole = false;
  #wholeSynced = false;

  constructor(manifestBytes: Buffer) {
    this.manifestBytes = manifestBytes;
  }

  get whole(): boolean {
    return this.#whole;
  }

  /** Behind the last block. */
  get position(): SnapshotPosition | undefined {
    return this.#blocks.at(-1)?.end;
  }

  *rows(): Generator<readonly [key: string, value: string]> {
    for (const { rows } of this.#blocks) yield* rows;
  }

  add(block: Received): void {
    this.#blocks.push(block);
  }

  complete(): void {
    this.#whole = true;
  }

  sync(): void {
    this.#synced = this.#blocks.length;
    this.#wholeSynced = this.#whole;
  }

  crash(random: Random): void {
    this.#blocks.length = random.integer(this.#synced, this.#blocks.length);
    this.#whole = this.#wholeSynced;
    this.sync();
  }

  copy(): ReceivedRows {
    const copy = new ReceivedRows(this.manifestBytes);
    copy.#blocks = [...this.#blocks];
    copy.#whole = this.#whole;
    copy.sync();
    return copy;
  }
}

/**
 * What `RocksSnapshotReceiver` is for a state in RocksDB, over virtual files: rows are received beside the
 * state, and take its place by the product's own steps.
 */
export class VirtualRowsReceiver implements SnapshotReceiver {
  readonly #files: VirtualFiles;
  readonly #install: (replace: () => Promise<void>) => Promise<void>;
  #manifest: SnapshotManifest | undefined;
  readonly #held = new WholeSnapshot();

  /** `install` closes the state, calls `replace`, and opens it again. */
  constructor(files: VirtualFiles, install: (replace: () => Promise<void>) => Promise<void>) {
    this.#files = files;
    this.#install = install;
  }

  get #received(): ReceivedRows | undefined {
    const there = this.#files.at(receivedPath(STATE_DIRECTORY));
    return there instanceof ReceivedRows && !there.whole ? there : undefined;
  }

  async begun(): Promise<SnapshotManifest | undefined> {
    const bytes = this.#received?.manifestBytes;
    return bytes === undefined ? undefined : decodeManifest(bytes);
  }

  async begin(manifest: SnapshotManifest): Promise<SnapshotPosition> {
    const { headerBytes, header, id } = manifest;
    this.#held.forget();
    if (header.contents !== 'rows') throw new RaftError('SNAPSHOT_FOREIGN', 'it holds no rows');
    if ((await this.begun())?.id !== id) {
      await this.discard();
      await this.#files.operate('write');
      this.#files.put(receivedPath(STATE_DIRECTORY), new ReceivedRows(encodeManifest(manifest)));
    }
    this.#manifest = manifest;
    return this.#received?.position ?? startOf(headerBytes);
  }

  async accept({ payload, rows, end }: SnapshotBlock): Promise<void> {
    const received = this.#received;
    if (received === undefined) throw new Error('no snapshot was begun');
    const found: [string, string][] = [];
    const fits = takeRows(payload, rows, (key, value) => {
      found.push([key.toString('latin1'), value.toString('latin1')]);
    });
    if (!fits) throw new RaftError('SNAPSHOT_DAMAGED', 'rows that are none');
    await this.#files.operate('write');
    received.add({ rows: found, end });
  }

  async complete(): Promise<FetchedSnapshot> {
    const [received, manifest] = [this.#received, this.#manifest];
    if (received === undefined || manifest === undefined) throw new Error('no snapshot was begun');
    const { position } = received;
    const { blocks, digest } = manifest.extent;
    if ((position?.blocks ?? 0) !== blocks || (blocks > 0 && !position?.digest.equals(digest))) {
      throw new RaftError('SNAPSHOT_DAMAGED', 'not all blocks were received');
    }
    await this.#files.operate('write');
    received.complete();
    await this.#files.operate('fsync');
    received.sync();
    return this.#held.hold(manifest.header.base, {
      install: () => this.#install(() => replaceDirectory(STATE_DIRECTORY, this.#files)),
      remove: () => this.discard(),
    });
  }

  async discard(): Promise<void> {
    this.#held.forget();
    this.#manifest = undefined;
    await this.#files.remove(receivedPath(STATE_DIRECTORY));
  }

  async close(): Promise<void> {}

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
