import { join } from 'node:path';
import {
  callback,
  completeOptions,
  type OptionsForm,
  text,
  withMethods,
} from '@raft-ts/net/options';
import { invariant } from '../core/invariant.js';
import { isRaftError, optionsInvalid } from '../errors.js';
import {
  encodeFooter,
  encodeManifest,
  type SnapshotBlock,
  type SnapshotManifest,
  type SnapshotPosition,
  startOf,
} from './snapshot-block.js';
import { readRange } from './snapshot-file.js';
import { headerChecksum } from './snapshot-header.js';
import { decodeManifest, SnapshotParser } from './snapshot-parser.js';
import type { SnapshotReceiver } from './snapshot-receiver.js';
import type { FetchedSnapshot } from './snapshot-source.js';
import {
  machineStorage,
  type SnapshotHandle,
  type SnapshotStorage,
  STORAGE_METHODS,
} from './snapshot-storage.js';
import { WholeSnapshot } from './whole-snapshot.js';

export interface FileSnapshotReceiverOptions {
  /** Of the receiver alone; it is there. */
  readonly directory: string;
  /**
   * Takes the state from the file at `path`, and that file with it, if it likes: moving it is the one step
   * by which the state is replaced. What is left of it is removed.
   */
  readonly install: (path: string, manifest: SnapshotManifest) => Promise<void>;
  /** The machine's own files by default. */
  readonly storage?: SnapshotStorage;
}

const defaults = { storage: machineStorage };

const fileReceiverOptionsForm: OptionsForm<FileSnapshotReceiverOptions, typeof defaults> = {
  fields: {
    directory: text,
    install: callback(),
    storage: withMethods(...STORAGE_METHODS),
  },
  defaults,
};

/** The snapshot that was begun, as it will be written. */
const PART = 'part';
/** What it is going to be. */
const MANIFEST = 'manifest';
/** A whole one, on the disk. */
const WHOLE = 'whole';
/** So many bytes are on the disk before more are written: an fsync of the log waits for no more. */
const SYNC_BYTES = 8 * 1024 * 1024;

interface Begun {
  readonly manifest: SnapshotManifest;
  readonly handle: SnapshotHandle;
  position: SnapshotPosition;
  unsyncedBytes: number;
}

/**
 * Keeps a snapshot in a file, as it is: for state machines that read it from there. What a killed process
 * had received is checked and gone on with. One that was whole and not installed is fetched again.
 */
export class FileSnapshotReceiver implements SnapshotReceiver, AsyncDisposable {
  readonly #options: FileSnapshotReceiverOptions & typeof defaults;
  #begun: Begun | undefined;
  readonly #whole = new WholeSnapshot();

  /** Throws OPTIONS_INVALID. */
  constructor(options: FileSnapshotReceiverOptions) {
    this.#options = completeOptions(fileReceiverOptionsForm, options, optionsInvalid);
  }

  async begun(): Promise<SnapshotManifest | undefined> {
    if (this.#begun !== undefined) return this.#begun.manifest;
    const { directory, storage } = this.#options;
    if (!(await storage.readdir(directory)).includes(MANIFEST)) return undefined;
    try {
      return decodeManifest(await storage.readFile(join(directory, MANIFEST)));
    } catch (error) {
      if (isRaftError(error, 'SNAPSHOT_DAMAGED') || isRaftError(error, 'SNAPSHOT_FOREIGN')) {
        return undefined;
      }
      throw error;
    }
  }

  async begin(manifest: SnapshotManifest): Promise<SnapshotPosition> {
    const { directory, storage } = this.#options;
    if (this.#begun?.manifest.id === manifest.id) return await goOn(this.#begun);
    const begun = await this.begun();
    if (begun?.id !== manifest.id) {
      await this.discard();
      await storage.writeDurably(directory, MANIFEST, encodeManifest(manifest));
    }
    this.#whole.forget();
    await this.#closeFile();
    const handle = await storage.open(join(directory, PART), 'a+');
    try {
      const position = await receivedIn(handle, manifest);
      await handle.truncate(position.offset);
      if (position.blocks === 0) {
        await handle.truncate(0);
        await handle.writeFile(manifest.headerBytes);
      }
      this.#begun = { manifest, handle, position, unsyncedBytes: 0 };
      return position;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async accept({ frame, end }: SnapshotBlock): Promise<void> {
    const begun = this.#begun;
    invariant(begun !== undefined, 'no snapshot was begun');
    const { handle, position } = begun;
    invariant(position.offset + frame.byteLength === end.offset, 'a block was left out');
    await handle.writeFile(frame);
    begun.position = end;
    begun.unsyncedBytes += frame.byteLength;
    if (begun.unsyncedBytes < SYNC_BYTES) return;
    await this.#onDisk(handle.datasync());
    begun.unsyncedBytes = 0;
  }

  /** What a disk has kept of what it could not make durable is unknown: all of it is received again. */
  async #onDisk(syncing: Promise<void>): Promise<void> {
    try {
      await syncing;
    } catch (error) {
      await this.discard().catch(() => {});
      throw error;
    }
  }

  async complete(): Promise<FetchedSnapshot> {
    const begun = this.#begun;
    invariant(begun !== undefined, 'no snapshot was begun');
    const { manifest, handle } = begun;
    const { directory, install, storage } = this.#options;
    await handle.writeFile(encodeFooter(manifest.extent, headerChecksum(manifest.headerBytes)));
    await this.#onDisk(handle.sync());
    await this.#closeFile();
    const path = join(directory, WHOLE);
    await storage.rename(join(directory, PART), path);
    await storage.remove(join(directory, MANIFEST));
    await storage.syncDirectory(directory);
    return this.#whole.hold(manifest.header.base, {
      install: async () => {
        await install(path, manifest);
        await storage.remove(path);
      },
      remove: () => storage.remove(path),
    });
  }

  async discard(): Promise<void> {
    const { directory, storage } = this.#options;
    await this.#closeFile();
    for (const name of [MANIFEST, PART, WHOLE]) await storage.remove(join(directory, name));
    await storage.syncDirectory(directory);
  }

  /** What was begun stays on the disk. */
  async close(): Promise<void> {
    await this.#closeFile();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #closeFile(): Promise<void> {
    const begun = this.#begun;
    this.#begun = undefined;
    await begun?.handle.close();
  }
}

/** What a write that failed has left of a block goes. */
async function goOn({ handle, position }: Begun): Promise<SnapshotPosition> {
  await handle.truncate(position.offset);
  return position;
}

/** How much of a file is a snapshot's beginning. */
async function receivedIn(
  handle: SnapshotHandle,
  manifest: SnapshotManifest,
): Promise<SnapshotPosition> {
  const start = startOf(manifest.headerBytes);
  const parser = new SnapshotParser();
  let received = start;
  try {
    for await (const chunk of readRange(handle, 0, Number.MAX_SAFE_INTEGER)) {
      parser.push(chunk);
      for (let block = parser.next(); block !== undefined; block = parser.next()) {
        received = block.end;
      }
    }
  } catch (error) {
    if (!isRaftError(error, 'SNAPSHOT_DAMAGED') && !isRaftError(error, 'SNAPSHOT_FOREIGN')) {
      throw error;
    }
  }
  // The same header has the same digest: the blocks belong to it.
  const same = parser.header !== undefined && received.blocks > 0;
  return same && received.blocks <= manifest.extent.blocks ? received : start;
}
