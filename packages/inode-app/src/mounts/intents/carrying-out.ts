import { type Clock, pause } from '@raft-ts/net';
import type { FoundEntry } from '../../namespace/mounts/found-entry.js';
import type { Intent } from '../../namespace/mounts/intent.js';
import type { Mount } from '../../namespace/mounts/mount.js';
import type { MountedTree } from '../../namespace/mounts/mounted-tree.js';
import type { ByteString } from '../../namespace/tree/byte-string.js';
import { type Failure, failure } from '../../namespace/tree/failure.js';
import { InodeType } from '../../namespace/tree/inode.js';
import type { InodeRecord } from '../../namespace/tree/inode-record.js';
import { Place, walkPath } from '../../namespace/tree/path-walk.js';
import type { Storage, StorageEntry } from '../../storages/storage.js';
import { StorageError } from '../../storages/storage-error.js';
import type { Authority } from '../authority.js';
import { statInStorage } from '../stat-in-storage.js';
import type { StorageAccess } from '../storage-access.js';
import type { CallLimits } from '../storage-call.js';
import { foundEntry, pathInStorage, storageFailure } from '../storage-terms.js';

/** How an intent ended in its storage: with what is there now, or with why nothing was changed. */
export type CarriedOut =
  | {
      readonly found: readonly FoundEntry[];
      /** Something is there of which the tree does not know: it has to be looked for. */
      readonly leftBehind?: boolean;
    }
  | { readonly refusal: Failure };

export const DONE: CarriedOut = { found: [] };

/** What carrying out an intent needs. */
export interface CarryingOutParts {
  /** As the mount is now: it may be reached otherwise than when this was begun. */
  readonly access: () => StorageAccess;
  readonly tree: () => MountedTree;
  /** Nothing is changed by a member that may have been replaced. */
  readonly authority: Pick<Authority, 'isFresh' | 'refresh' | 'keep'>;
  /** The tree has what was copied, from now on; see `moveIntent`. */
  readonly move: () => Promise<void>;
  /** Told after each step how many entries are done with. */
  readonly progress: (what: string, entries: number) => void;
  /** When whoever asked for it gives up, on the monotonic clock; undefined: nobody waits. */
  readonly deadlineMs: number | undefined;
  readonly signal: AbortSignal;
}

const NOT_CONFIRMED = 'nobody confirms any more that this member leads: it changes nothing further';

/** Of the others nothing is changed in the storage. */
const CHANGING: ReadonlySet<Intent['kind']> = new Set(['mkdir', 'delete', 'rename']);

/**
 * One intent on its way through its storage. It looks before it changes anything, so that whoever takes it up again,
 * another leader too, goes on from what is there.
 */
export class CarryingOut {
  readonly intent: Intent;
  readonly mount: Mount;
  readonly parts: CarryingOutParts;
  /** Something may have been changed already, by this one or by whoever had it before. */
  begun: boolean;
  /** A request was given up without an answer, and may still take effect. */
  mayComeLate: boolean;
  /** See `Intent.moved`. */
  moved: boolean;

  constructor(intent: Intent, mount: Mount, parts: CarryingOutParts, begun: boolean) {
    this.intent = intent;
    this.mount = mount;
    this.parts = parts;
    this.begun = begun;
    this.mayComeLate = begun && CHANGING.has(intent.kind);
    this.moved = intent.moved;
  }

  called(path: ByteString): string {
    return pathInStorage(this.mount, path);
  }

  /**
   * What is at a path. Rejects as `statInStorage` does; once something may have been changed, with UNREACHABLE where it is
   * not told what is there: that says nothing about the change.
   */
  async stat(path: ByteString): Promise<StorageEntry | undefined> {
    try {
      return await statInStorage(this.access, this.called(path), this.limits);
    } catch (error) {
      if (!this.begun || !isDefinite(error) || error.code === 'BUSY') throw error;
      throw new StorageError('UNREACHABLE', error.message, { cause: error });
    }
  }

  get access(): StorageAccess {
    return this.parts.access();
  }

  /** Before anything was changed it can still be given up in time. */
  get limits(): CallLimits {
    const { deadlineMs, signal } = this.parts;
    return this.begun ? { signal } : { deadlineMs, signal };
  }

  /** Changes something; afterwards that may have happened, whatever comes. */
  async change(perform: (storage: Storage, signal: AbortSignal) => Promise<void>): Promise<void> {
    await this.parts.authority.refresh();
    const { begun: before, limits } = this;
    this.begun = true;
    try {
      await this.access.change(async (storage, signal) => {
        // It may have waited for its turn.
        await this.parts.authority.refresh();
        await perform(storage, signal);
      }, limits);
    } catch (error) {
      if (isDefinite(error)) this.begun = before;
      this.#gaveUp(error);
      throw error;
    }
  }

  /** Changes something in steps, each of which may take its time. */
  async steps<Result>(
    what: string,
    perform: (
      storage: Storage,
      signal: AbortSignal,
      onProgress: (entries: number) => void,
    ) => Promise<Result>,
  ): Promise<Result> {
    const { authority, progress } = this.parts;
    await authority.refresh();
    this.begun = true;
    const ended = new AbortController();
    const keeping = authority.keep(ended.signal);
    try {
      return await this.access.steps(
        async (storage, signal, onProgress) => {
          await authority.refresh();
          return await perform(storage, signal, onProgress);
        },
        (entries) => {
          progress(what, entries);
          if (!authority.isFresh) throw new StorageError('UNREACHABLE', NOT_CONFIRMED);
        },
        this.limits,
      );
    } catch (error) {
      this.#gaveUp(error);
      throw error;
    } finally {
      ended.abort();
      await keeping;
    }
  }

  #gaveUp(error: unknown): void {
    if (!(error instanceof StorageError) || error.code === 'UNREACHABLE') this.mayComeLate = true;
  }

  /** Resolves once no request that was given up can take effect any more, by this member or by whoever led before. */
  async outlastRequests(clock: Clock): Promise<void> {
    if (!this.mayComeLate) return;
    const { signal } = this.parts;
    await pause(clock, this.access.requestTimeoutMs, signal);
    signal.throwIfAborted();
    this.mayComeLate = false;
  }

  /** The tree follows what was copied. */
  async move(): Promise<void> {
    await this.parts.move();
    this.moved = true;
  }

  /** What the tree has at a path. */
  inodeAt(path: ByteString): InodeRecord | undefined {
    const place = walkPath(this.parts.tree(), path);
    return place instanceof Place ? place.inode : undefined;
  }
}

/** The storage said that nothing was changed. */
export function isDefinite(error: unknown): error is StorageError {
  return error instanceof StorageError && error.outcome === 'definite';
}

export function refused(error: StorageError, path: ByteString): CarriedOut {
  return { refusal: storageFailure(error, path) };
}

/** What is there in the tree's terms; a refusal where no inode can be made of it. */
export function foundAt(entry: StorageEntry, path: ByteString): CarriedOut {
  const found = foundEntry(entry);
  return typeof found === 'string'
    ? { refusal: failure('STORAGE_CHANGED', path, found) }
    : { found: [found] };
}

/** Whether the storage has another kind of entry than the tree. */
export function isOtherType(inode: InodeRecord | undefined, entry: StorageEntry): boolean {
  if (inode === undefined) return false;
  return (inode.type === InodeType.Directory) !== (entry.type === 'directory');
}
