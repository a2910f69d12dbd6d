import type { Mount } from '../namespace/mounts/mount.js';
import type { MountedTree } from '../namespace/mounts/mounted-tree.js';
import { type ByteString, NO_BYTES } from '../namespace/tree/byte-string.js';
import { InodeType } from '../namespace/tree/inode.js';
import type { DirectoryEntry } from '../namespace/tree/inode-store.js';
import { childPath } from '../namespace/tree/path.js';
import { Place, walkPath } from '../namespace/tree/path-walk.js';
import { StorageError } from '../storages/storage-error.js';
import type { DirectoryLook } from './directory-look.js';
import { LookRefused } from './look-parts.js';
import type { Looks } from './looks.js';

/** Directories that one recursive look looks into at once. */
const AT_ONCE = 8;
const PAGE_ENTRIES = 1000;

/** A directory whose subdirectories are next, and how far that has come. */
interface Frame {
  readonly path: ByteString;
  readonly id: number;
  after: ByteString | undefined;
  /** Entries that were read and not looked at. */
  readonly read: DirectoryEntry[];
}

export interface RecursiveLookParts {
  readonly looks: Pick<Looks, 'beginAnew' | 'lookUp'>;
  readonly tree: () => MountedTree;
  readonly signal: AbortSignal;
}

/**
 * Looks into a directory of a mount and all below it, some at once, the deepest first: what it keeps grows with the depth
 * of the tree, and not with its size. Mounts below are passed by.
 */
export class RecursiveLook {
  readonly #parts: RecursiveLookParts;
  readonly #mount: Mount;
  readonly #stack: Frame[] = [];
  #underWay = 0;
  #reading: Promise<void> = Promise.resolve();
  #wake: (() => void)[] = [];
  #failed = false;
  /** What the storage refused of a directory below: the others are looked into all the same. */
  #refusal: StorageError | undefined;

  constructor(parts: RecursiveLookParts, mount: Mount) {
    this.#parts = parts;
    this.#mount = mount;
  }

  /**
   * `looked` is told of each directory. Rejects as `Looks.directory`, once all that was begun has ended: at once, or at the
   * end with what a storage refused of one below.
   */
  async run(path: ByteString, looked: (look: DirectoryLook) => void): Promise<void> {
    await this.#lookInto(path, looked);
    const workers = Array.from({ length: AT_ONCE }, () => this.#work(looked));
    const ends = await Promise.allSettled(workers);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    if (this.#refusal !== undefined) throw this.#refusal;
  }

  async #work(looked: (look: DirectoryLook) => void): Promise<void> {
    try {
      for (;;) {
        const next = await this.#next();
        if (next === undefined) return;
        try {
          await this.#lookBelow(next, looked);
        } finally {
          this.#underWay -= 1;
          this.#wakeAll();
        }
      }
    } catch (error) {
      this.#failed = true;
      this.#wakeAll();
      throw error;
    }
  }

  /** A directory may go, or become another one, between being seen and being looked into. */
  async #lookBelow(path: ByteString, looked: (look: DirectoryLook) => void): Promise<void> {
    try {
      await this.#lookInto(path, looked);
    } catch (error) {
      const refusal = error instanceof LookRefused ? error.failure[0] : undefined;
      if (refusal === 'NOT_FOUND' || refusal === 'NOT_A_DIRECTORY') return;
      if (!(error instanceof StorageError) || error.outcome !== 'definite') throw error;
      if (error.code === 'NOT_FOUND' || error.code === 'NOT_A_DIRECTORY') {
        await this.#parts.looks.lookUp(this.#mount, path, this.#parts.signal);
      } else this.#refusal ??= error;
    }
  }

  async #lookInto(path: ByteString, looked: (look: DirectoryLook) => void): Promise<void> {
    const { look, ended } = await this.#parts.looks.beginAnew(this.#mount, path);
    await ended;
    looked(look);
    const place = walkPath(this.#parts.tree(), path);
    if (!(place instanceof Place) || place.inode?.type !== InodeType.Directory) return;
    this.#stack.push({ path, id: place.inode.id, after: NO_BYTES, read: [] });
    this.#wakeAll();
  }

  /** The next subdirectory; undefined once there are no more, and none can come. */
  async #next(): Promise<ByteString | undefined> {
    for (;;) {
      this.#parts.signal.throwIfAborted();
      if (this.#failed) return undefined;
      const reading = this.#reading.then(() => this.#take());
      this.#reading = reading.then(
        () => {},
        () => {},
      );
      const next = await reading;
      if (next !== undefined) {
        this.#underWay += 1;
        return next;
      }
      if (this.#underWay === 0 && this.#stack.length === 0) return undefined;
      if (this.#stack.length === 0) await new Promise<void>((wake) => this.#wake.push(wake));
    }
  }

  #wakeAll(): void {
    const waiting = this.#wake;
    this.#wake = [];
    for (const wake of waiting) wake();
  }

  async #take(): Promise<ByteString | undefined> {
    for (let frame = this.#stack.at(-1); frame !== undefined; frame = this.#stack.at(-1)) {
      for (let entry = frame.read.shift(); entry !== undefined; entry = frame.read.shift()) {
        const path = childPath(frame.path, entry.name);
        const isOther = this.#parts.tree().mounts.at(path) !== undefined;
        if (entry.inode.type === InodeType.Directory && !isOther) return path;
      }
      if (frame.after === undefined) this.#stack.splice(this.#stack.indexOf(frame), 1);
      else await this.#read(frame, frame.after);
    }
    return undefined;
  }

  async #read(frame: Frame, after: ByteString): Promise<void> {
    const { tree, signal } = this.#parts;
    const entries = await tree().listEntries(frame.id, after, PAGE_ENTRIES, signal);
    frame.after = entries.length < PAGE_ENTRIES ? undefined : entries.at(-1)?.name;
    frame.read.push(...entries);
  }
}
