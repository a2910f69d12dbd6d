import { displayBytes, displayText } from '../display-names.js';
import { isAsFound } from '../namespace/mounts/found-entry.js';
import type { Mount } from '../namespace/mounts/mount.js';
import type { SyncChange } from '../namespace/operations/sync-entries.js';
import { type ByteString, NO_BYTES } from '../namespace/tree/byte-string.js';
import { edgeKey } from '../namespace/tree/edge.js';
import { failure } from '../namespace/tree/failure.js';
import { InodeType } from '../namespace/tree/inode.js';
import type { InodeRecord } from '../namespace/tree/inode-record.js';
import { childPath, pathFault } from '../namespace/tree/path.js';
import { Place, walkPath } from '../namespace/tree/path-walk.js';
import type { StorageEntry, StoragePage } from '../storages/storage.js';
import { StorageError } from '../storages/storage-error.js';
import type { EdgeLock } from './edge-locks.js';
import {
  type ChangedDirectory,
  type LookParts,
  LookRefused,
  proposeChanges,
} from './look-parts.js';
import { SeenNames, TooManyNamesError } from './seen-names.js';
import { statInStorage } from './stat-in-storage.js';
import { entryName, foundEntry, pathInStorage } from './storage-terms.js';

/** Entries that one step changes, and bytes of names and links in it: a step is one command. */
const STEP_CHANGES = 500;
const STEP_BYTES = 256 * 1024;
/** Of an entry beside its texts. */
const CHANGE_BYTES = 64;
/** Entries of the tree that are held against the listing in one turn. */
const SWEEP_ENTRIES = 1000;

/** How far a look has come. */
export interface LookCounts {
  /** Entries that the storage told of. */
  readonly entries: number;
  /** Entries of the tree that came, changed or went. */
  readonly changed: number;
  readonly skipped: number;
}

/**
 * One look into a whole directory of a storage: it is listed once, in pages, and held against the tree page by page;
 * what differs is changed in steps, so that what is there can be seen already, and memory does not grow with the
 * directory but for the hash of each name. At the end goes what the listing did not bring.
 *
 * What was changed through the tree since the look began is left as it is: what had ended when a step was proposed is
 * left out of it (`touch`), what ended later, or has not, is passed by where it is applied.
 */
export class DirectoryLook {
  readonly mount: Mount;
  readonly path: ByteString;
  /** When the storage began to be asked. */
  startedMs = Number.NEGATIVE_INFINITY;
  readonly #parts: LookParts;
  readonly #touched = new Set<ByteString>();
  readonly #seen: SeenNames;
  #directory: InodeRecord | undefined;
  #changes: SyncChange[] = [];
  #changeBytes = 0;
  /** The step before, while the next page is fetched. */
  #stepping: Promise<number> = Promise.resolve(0);
  #entries = 0;
  /** Entries of the listing that the tree can hold. */
  #sound = 0;
  #changed = 0;
  #skipped = 0;

  constructor(parts: LookParts, mount: Mount, path: ByteString) {
    this.#parts = parts;
    this.mount = mount;
    this.path = path;
    this.#seen = new SeenNames(parts.random);
  }

  get counts(): LookCounts {
    return { entries: this.#entries, changed: this.#changed, skipped: this.#skipped };
  }

  /** The inode of the directory; undefined before it was found. */
  get directoryId(): number | undefined {
    return this.#directory?.id;
  }

  /** An entry is changed, or was, by an operation. */
  touch(name: ByteString): void {
    this.#touched.add(name);
  }

  /** Rejects with StorageError, LookRefused and EdgeLockError. */
  async run(): Promise<void> {
    const lock = await this.#lock();
    try {
      await this.#run();
    } finally {
      lock.release();
    }
  }

  async #lock(): Promise<EdgeLock> {
    const { locks, signal } = this.#parts;
    const what = { kind: 'sync', path: this.path } as const;
    const deadlineMs = Number.POSITIVE_INFINITY;
    return await locks.acquire({ what, write: [], read: [this.path], deadlineMs, signal });
  }

  async #run(): Promise<void> {
    const { clock, signal, times } = this.#parts;
    await this.#parts.tree().prefetch([this.path], signal);
    const directory = this.#find();
    this.#directory = directory;
    this.startedMs = clock.monotonicMs();
    const called = pathInStorage(this.mount, this.path);
    try {
      await this.#compareAll(directory, called);
      await this.#sweep(directory);
      await this.#step(directory, directory.mounted?.complete !== true);
      await this.#stepping;
    } catch (error) {
      await this.#stepping.catch(() => {});
      throw error;
    }
    times.listed(directory.id, this.startedMs);
  }

  async #compareAll(directory: InodeRecord, called: string): Promise<void> {
    const { access, signal, tree } = this.#parts;
    try {
      for await (const page of access(this.mount).list(called, { signal })) {
        await this.#compare(directory, page);
      }
    } catch (error) {
      const leadsToMount = tree().mounts.below(this.path) !== undefined;
      if (this.path === this.mount.path || !leadsToMount || !isGone(error)) throw error;
      // It stays in the tree, with nothing of this storage in it; unless the whole place is missing: then that is told.
      await statInStorage(access(this.mount), called, { signal });
    }
  }

  #find(): InodeRecord {
    const place = walkPath(this.#parts.tree(), this.path);
    if (!(place instanceof Place)) throw new LookRefused(place);
    if (place.inode?.type === InodeType.Directory) return place.inode;
    const code = place.inode === undefined ? 'NOT_FOUND' : 'NOT_A_DIRECTORY';
    throw new LookRefused(failure(code, this.path));
  }

  async #compare(directory: InodeRecord, page: StoragePage): Promise<void> {
    for (const { name, reason } of page.skipped) this.#skip(name, reason);
    const named = page.entries.flatMap((entry) => this.#name(entry) ?? []);
    const edges = named.map(({ name }) => edgeKey(directory.id, name));
    if (edges.length > 0) await this.#parts.tree().fetch(edges, this.#parts.signal);
    for (const { name, entry } of named) this.#compareEntry(directory, name, entry);
    this.#entries += page.entries.length;
    if (this.#changes.length >= STEP_CHANGES || this.#changeBytes >= STEP_BYTES) {
      await this.#step(directory, false);
    }
  }

  #name(entry: StorageEntry) {
    const named = entryName(entry.name);
    if (typeof named === 'string') this.#skip(entry.name, named);
    else if (pathFault(childPath(this.path, named.name)) !== undefined) {
      this.#skip(entry.name, 'its path would be too long');
    } else if (this.#isNew(named.name)) return { ...named, entry };
    else this.#skip(entry.name, 'it is there twice');
    return undefined;
  }

  /** Rejects with LookRefused where there are more names than can be kept. */
  #isNew(name: ByteString): boolean {
    try {
      return this.#seen.add(name);
    } catch (error) {
      if (!(error instanceof TooManyNamesError)) throw error;
      throw new LookRefused(failure('STORAGE_INVALID', this.path, error.message));
    }
  }

  #skip(name: string, reason: string): void {
    this.#skipped += 1;
    const line = `${displayText(name)} in ${displayBytes(this.path)}: ${reason}`;
    this.#parts.skipped(this.mount, line);
  }

  #compareEntry(directory: InodeRecord, name: ByteString, entry: StorageEntry): void {
    const found = foundEntry(entry);
    const inode = this.#parts.tree().get(edgeKey(directory.id, name));
    if (typeof found === 'string') {
      this.#skip(entry.name, found);
      if (inode !== undefined) this.#note({ name, had: inode.id, found: undefined });
      return;
    }
    this.#sound += 1;
    if (inode === undefined || !isAsFound(inode, found)) {
      this.#note({ name, had: inode?.id ?? 0, found });
    }
  }

  #note(change: SyncChange): void {
    if (this.#touched.has(change.name)) return;
    this.#changes.push(change);
    this.#changeBytes += bytesOf(change);
  }

  /** What the tree has and the listing did not bring has gone. */
  async #sweep(directory: InodeRecord): Promise<void> {
    await this.#step(directory, false);
    await this.#stepping;
    const { tree, signal } = this.#parts;
    // What was found is there, unless changes of ours have kept it out: then as many are there as were found.
    const isUndisturbed = this.#touched.size === 0 && tree().mounts.intents.size === 0;
    if (isUndisturbed && this.#find().children === this.#sound) return;
    for (let after: ByteString | undefined = NO_BYTES; after !== undefined; ) {
      const entries = await tree().listEntries(directory.id, after, SWEEP_ENTRIES, signal);
      for (const { name, inode } of entries) {
        if (this.#seen.has(name) || this.#isNotTheirs(name, inode)) continue;
        this.#note({ name, had: inode.id, found: undefined });
      }
      if (this.#changes.length >= STEP_CHANGES) await this.#step(directory, false);
      after = entries.length < SWEEP_ENTRIES ? undefined : entries.at(-1)?.name;
    }
  }

  /** A mount, or a file that is being written: no listing brings it, and it stays. */
  #isNotTheirs(name: ByteString, { type, mounted }: InodeRecord): boolean {
    const isWritten = type === InodeType.File && mounted?.complete === false;
    return isWritten || this.#parts.tree().mounts.at(childPath(this.path, name)) !== undefined;
  }

  /** Changes what was noted, once the step before is done. */
  async #step(directory: InodeRecord, complete: boolean): Promise<void> {
    const noted = this.#changes;
    this.#changes = [];
    this.#changeBytes = 0;
    await this.#stepping;
    // An operation may have touched them since they were noted.
    const changes = noted.filter(({ name }) => !this.#touched.has(name));
    if (changes.length === 0 && !complete) return;
    const { ended } = this.#parts.tree().mounts;
    const at = { path: this.path, id: directory.id, ended };
    this.#stepping = proposeInSteps(this.#parts, at, changes, complete).then((changed) => {
      this.#changed += changed;
      return changed;
    });
    this.#stepping.catch(() => {});
  }
}

/** Whether a storage says that no directory is there. */
export function isGone(error: unknown): error is StorageError {
  return (
    error instanceof StorageError &&
    (error.code === 'NOT_FOUND' || error.code === 'NOT_A_DIRECTORY')
  );
}

/** A page may hold more than a step: each is a command of its own. */
async function proposeInSteps(
  parts: LookParts,
  directory: ChangedDirectory,
  changes: readonly SyncChange[],
  complete: boolean,
): Promise<number> {
  let changed = 0;
  for (let at = 0; at === 0 || at < changes.length; ) {
    const end = endOfStep(changes, at);
    const isLast = end >= changes.length;
    changed += await proposeChanges(parts, directory, changes.slice(at, end), complete && isLast);
    at = Math.max(end, 1);
  }
  return changed;
}

function endOfStep(changes: readonly SyncChange[], from: number): number {
  let end = from;
  for (let bytes = 0; end < changes.length && end < from + STEP_CHANGES; end += 1) {
    const change = changes[end];
    bytes += change === undefined ? 0 : bytesOf(change);
    if (bytes > STEP_BYTES && end > from) break;
  }
  return end;
}

/** As the log has them, about: a byte above 0x7f takes two. */
function bytesOf({ name, found }: SyncChange): number {
  const { owner, group, target, fingerprint } = found ?? {};
  const texts = [name, owner, group, target, fingerprint];
  return texts.reduce((sum, text) => sum + 2 * (text?.length ?? 0), CHANGE_BYTES);
}
