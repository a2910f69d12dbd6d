import { join } from 'node:path';
import { type Clock, observe, systemClock } from '@raft-ts/net';
import {
  callback,
  completeOptions,
  type OptionsForm,
  optional,
  text,
  wholeNumber,
  withMethods,
  yesOrNo,
} from '@raft-ts/net/options';
import { GROUP } from '../core/group.js';
import { isRaftError, optionsInvalid, RaftError } from '../errors.js';
import { hasCode } from '../rocksdb/caught-error.js';
import {
  BLOCK_BYTES,
  type SnapshotBlock,
  type SnapshotManifest,
  type SnapshotPosition,
} from './snapshot-block.js';
import { foreign } from './snapshot-error.js';
import {
  checkSnapshotFile,
  readBlocks,
  readManifest,
  readRange,
  type SnapshotWriting,
} from './snapshot-file.js';
import {
  machineStorage,
  type SnapshotHandle,
  type SnapshotStorage,
  STORAGE_METHODS,
} from './snapshot-storage.js';

export interface SnapshotKeeperOptions {
  /** It is there, and holds nothing else. */
  readonly directory: string;
  readonly clusterId: string;
  /** Files that are kept, with the one being made. At least 1; 2 by default. */
  readonly maxSnapshots?: number;
  /**
   * Whether the newest stays until a newer one is whole: for members that restart from it. Takes
   * `maxSnapshots` of at least 2. False by default.
   */
  readonly keepsNewest?: boolean;
  /**
   * Milliseconds that a snapshot stays after something of it was read: whoever pulls it comes back for
   * the next range. 60,000 by default.
   */
  readonly readerTimeoutMs?: number;
  /** The machine's own files by default. */
  readonly storage?: SnapshotStorage;
  /** As `SnapshotWriting.blockBytes`: the same at all members. 1 MiB by default. */
  readonly blockBytes?: number;
  readonly clock?: Clock;
  /** What it throws is uncaught, and the keeper goes on. */
  readonly onEvent?: (event: SnapshotKeeperEvent) => void;
}

/** A file was removed because its bytes are not what was written to it; or it is not there any more. */
export interface SnapshotKeeperEvent {
  readonly type: 'snapshot-damaged';
  readonly path: string;
  readonly error: Error;
}

/** A kept file that is being read; it stays until this was disposed of. */
export interface SnapshotReading extends AsyncDisposable {
  readonly manifest: SnapshotManifest;
  /** From `first` to `last`, both included. */
  range(first: number, last: number): AsyncIterable<Buffer>;
  /** All of it, as `readBlocks` does. */
  blocks(signal?: AbortSignal): AsyncIterable<SnapshotBlock>;
}

/** Where and how a file that is to be kept is written. */
export type KeptWriting = Required<Pick<SnapshotWriting, 'storage' | 'blockBytes'>>;

interface Kept {
  readonly manifest: SnapshotManifest;
  readonly path: string;
  readers: number;
  readAtMs: number;
}

const defaults = {
  maxSnapshots: 2,
  keepsNewest: false,
  readerTimeoutMs: 60_000,
  storage: machineStorage,
  blockBytes: BLOCK_BYTES,
  clock: systemClock,
};

export const keeperOptionsForm: OptionsForm<SnapshotKeeperOptions, typeof defaults> = {
  fields: {
    directory: text,
    clusterId: text,
    maxSnapshots: wholeNumber(1),
    keepsNewest: yesOrNo,
    readerTimeoutMs: wholeNumber(1),
    storage: withMethods(...STORAGE_METHODS),
    blockBytes: wholeNumber(1, BLOCK_BYTES),
    clock: withMethods('monotonicMs'),
    onEvent: optional(callback()),
  },
  defaults,
  rules: ({ keepsNewest, maxSnapshots }) =>
    keepsNewest && maxSnapshots < 2
      ? ['keepsNewest takes maxSnapshots of at least 2: there would be no room for another one']
      : [],
};

/** How the names of files that are kept end. */
export const KEPT_SUFFIX = '.snapshot';
/** What is behind that while a file is being written. */
export const UNFINISHED_SUFFIX = '.new';

/**
 * The snapshots that a member has on its disk, to hand them out: `INDEX-TERM.snapshot` in a directory. Old
 * ones go when another one is made, unless they are being read.
 */
export class SnapshotKeeper {
  readonly #options: SnapshotKeeperOptions & typeof defaults;
  /** Ascending by index. */
  #kept: Kept[] = [];

  private constructor(options: SnapshotKeeperOptions) {
    this.#options = completeOptions(keeperOptionsForm, options, optionsInvalid);
  }

  /**
   * Takes in what the directory holds, and removes what a process that was killed had not finished,
   * and what is damaged. Rejects with OPTIONS_INVALID, SNAPSHOT_FOREIGN for snapshots of another
   * cluster or format, or what the file system reports.
   */
  static async open(options: SnapshotKeeperOptions): Promise<SnapshotKeeper> {
    const keeper = new SnapshotKeeper(options);
    const { directory, storage } = keeper.#options;
    for (const name of await storage.readdir(directory)) await keeper.#takeIn(name);
    keeper.#sort();
    return keeper;
  }

  async #takeIn(name: string): Promise<void> {
    const path = join(this.#options.directory, name);
    if (name.endsWith(UNFINISHED_SUFFIX)) await this.#options.storage.remove(path);
    if (!name.endsWith(KEPT_SUFFIX)) return;
    const manifest = await this.#manifestOf(path);
    if (manifest === undefined) return;
    this.#checkOurs(manifest, path);
    this.#add(manifest, path);
  }

  /** Undefined when it was damaged, and is gone. */
  async #manifestOf(path: string): Promise<SnapshotManifest | undefined> {
    await using handle = await this.#options.storage.open(path, 'r');
    try {
      return await readManifest(handle);
    } catch (error) {
      if (!isRaftError(error, 'SNAPSHOT_DAMAGED')) throw error;
      await this.#removeDamaged(path, error);
      return undefined;
    }
  }

  async #removeDamaged(path: string, error: Error): Promise<void> {
    await this.#options.storage.remove(path);
    observe(this.#options.onEvent, { type: 'snapshot-damaged', path, error });
  }

  #checkOurs({ header }: SnapshotManifest, path: string): void {
    const { clusterId } = this.#options;
    if (header.clusterId === clusterId && header.group === GROUP) return;
    throw foreign(
      `${path} is of group ${header.group} of cluster "${header.clusterId}", not of group ${GROUP} of ` +
        `"${clusterId}". Choose another directory.`,
    );
  }

  #add(manifest: SnapshotManifest, path: string): void {
    this.#kept = this.#kept.filter((kept) => kept.path !== path);
    this.#kept.push({ manifest, path, readers: 0, readAtMs: Number.NEGATIVE_INFINITY });
    this.#sort();
  }

  #sort(): void {
    this.#kept.sort((a, b) => a.manifest.header.base.index - b.manifest.header.base.index);
  }

  /** What is kept, the oldest first. */
  get snapshots(): readonly SnapshotManifest[] {
    return this.#kept.map(({ manifest }) => manifest);
  }

  /** The newest, if it is as of `index` or later. */
  latest(index: number): SnapshotManifest | undefined {
    const newest = this.#kept.at(-1)?.manifest;
    return newest !== undefined && newest.header.base.index >= index ? newest : undefined;
  }

  /**
   * Has `write` make a file, and keeps that. On the disk when it resolves. Removes what is too much
   * first: rejects with SNAPSHOT_FAILED while all that could go is being read; else with what `write`
   * rejects with, and nothing is left of it then. One at a time.
   */
  async make(
    base: { readonly index: number; readonly term: number },
    write: (path: string, writing: KeptWriting) => Promise<SnapshotManifest>,
  ): Promise<SnapshotManifest> {
    await this.#leave(this.#options.maxSnapshots - 1);
    const { directory, storage, blockBytes } = this.#options;
    const path = this.#pathOf(base);
    const unfinished = `${path}${UNFINISHED_SUFFIX}`;
    try {
      const manifest = await write(unfinished, { storage, blockBytes });
      await storage.rename(unfinished, path);
      await storage.syncDirectory(directory);
      this.#add(manifest, path);
      return manifest;
    } catch (error) {
      await storage.remove(unfinished);
      throw error;
    }
  }

  /**
   * Takes in a file that was received, and is on the disk: moving it is the one step. It is the newest then:
   * later ones, of a state that was given up, are removed before. Rejects with SNAPSHOT_FOREIGN, or what the file
   * system reports.
   */
  async adopt(path: string, manifest: SnapshotManifest): Promise<void> {
    this.#checkOurs(manifest, path);
    const { base } = manifest.header;
    const kept = this.#pathOf(base);
    const { directory, storage } = this.#options;
    const later = this.#kept.filter((one) => one.manifest.header.base.index > base.index);
    this.#kept = this.#kept.filter((one) => !later.includes(one));
    for (const one of later) await storage.remove(one.path);
    await storage.rename(path, kept);
    await storage.syncDirectory(directory);
    this.#add(manifest, kept);
    // What is read meanwhile goes when the next one is made.
    await this.#leave(this.#options.maxSnapshots).catch((error: unknown) => {
      if (!isRaftError(error, 'SNAPSHOT_FAILED')) throw error;
    });
  }

  #pathOf({ index, term }: { readonly index: number; readonly term: number }): string {
    return join(this.#options.directory, `${index}-${term}${KEPT_SUFFIX}`);
  }

  /** Removes the oldest until so many are left. */
  async #leave(count: number): Promise<void> {
    const { keepsNewest, maxSnapshots, readerTimeoutMs } = this.#options;
    while (this.#kept.length > count) {
      const removable = keepsNewest ? this.#kept.slice(0, -1) : this.#kept;
      const oldest = removable.find((kept) => !this.#isRead(kept));
      if (oldest === undefined) {
        throw new RaftError(
          'SNAPSHOT_FAILED',
          `all ${maxSnapshots} snapshots that are kept are being read, or were in the last ` +
            `${Math.ceil(readerTimeoutMs / 1000)} s: try again later`,
        );
      }
      this.#kept = this.#kept.filter((kept) => kept !== oldest);
      await this.#options.storage.remove(oldest.path);
    }
  }

  /** Removes those as of less than `index` that nobody reads: what the log goes on from is another one. */
  async removeBefore(index: number): Promise<void> {
    const removable = this.#options.keepsNewest ? this.#kept.slice(0, -1) : this.#kept;
    for (const kept of removable) {
      if (kept.manifest.header.base.index >= index || this.#isRead(kept)) continue;
      this.#kept = this.#kept.filter((other) => other !== kept);
      await this.#options.storage.remove(kept.path);
    }
  }

  #isRead({ readers, readAtMs }: Kept): boolean {
    return (
      readers > 0 || this.#options.clock.monotonicMs() - readAtMs < this.#options.readerTimeoutMs
    );
  }

  /** Undefined when it is not kept. */
  async read(id: string): Promise<SnapshotReading | undefined> {
    const kept = this.#kept.find(({ manifest }) => manifest.id === id);
    if (kept === undefined) return undefined;
    kept.readers++;
    try {
      return this.#reading(kept, await this.#options.storage.open(kept.path, 'r'));
    } catch (error) {
      kept.readers--;
      if (!isMissing(error)) throw error;
      await this.#lose(kept, error);
      return undefined;
    }
  }

  /** Forgets one whose file is damaged, or was taken away by somebody else: another one is made when it is needed. */
  async #lose(lost: Kept, error: Error): Promise<void> {
    this.#kept = this.#kept.filter((kept) => kept !== lost);
    await this.#removeDamaged(lost.path, error);
  }

  #reading(kept: Kept, handle: SnapshotHandle): SnapshotReading {
    let closing: Promise<void> | undefined;
    const close = async () => {
      kept.readers--;
      kept.readAtMs = this.#options.clock.monotonicMs();
      await handle.close();
    };
    return {
      manifest: kept.manifest,
      range: (first, last) => readRange(handle, first, last),
      blocks: (signal) => readBlocks(handle, signal),
      [Symbol.asyncDispose]: () => {
        closing ??= close();
        return closing;
      },
    };
  }

  /**
   * Somebody got bytes of this one that were damaged: reads it from end to end, and removes it if it
   * is. Rejects with the signal's reason, or what the file system reports. `progress`: called as it gets on.
   */
  async check(
    id: string,
    signal: AbortSignal,
    progress?: (at: SnapshotPosition) => void,
  ): Promise<void> {
    const kept = this.#kept.find(({ manifest }) => manifest.id === id);
    if (kept === undefined) return;
    try {
      await checkSnapshotFile(kept.path, signal, this.#options.storage, progress);
    } catch (error) {
      if (!isRaftError(error, 'SNAPSHOT_DAMAGED') && !isMissing(error)) throw error;
      await this.#lose(kept, error);
    }
  }
}

function isMissing(error: unknown): error is Error {
  return hasCode(error, 'ENOENT');
}
