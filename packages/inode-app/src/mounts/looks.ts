import { abortable } from '@raft-ts/net';
import type { Mount } from '../namespace/mounts/mount.js';
import type { ByteString } from '../namespace/tree/byte-string.js';
import { type EdgeKey, edgeName, edgeParent } from '../namespace/tree/edge.js';
import { StorageError } from '../storages/storage-error.js';
import { DirectoryLook } from './directory-look.js';
import type { LookParts } from './look-parts.js';
import { lookUp } from './look-up.js';

/** A look that is under way. */
interface UnderWay<Look> {
  readonly look: Look;
  readonly ended: Promise<void>;
}

/**
 * Looks into storages: of each path and of each directory one at a time, shared by all who wait for it. One that fails is
 * told to those who wait, and remembered by nobody.
 */
export class Looks {
  readonly #parts: LookParts;
  readonly #lookUps = new Map<ByteString, Promise<void>>();
  readonly #directories = new Map<ByteString, UnderWay<DirectoryLook>>();

  constructor(parts: LookParts) {
    this.#parts = parts;
  }

  /** Looks for a path. Rejects with StorageError, LookRefused, or the signal's reason: the look goes on then. */
  lookUp(mount: Mount, path: ByteString, signal: AbortSignal): Promise<void> {
    let looking = this.#lookUps.get(path);
    if (looking === undefined) {
      looking = lookUp(this.#parts, mount, path);
      looking = this.#noting(mount, looking).finally(() => this.#lookUps.delete(path));
      looking.catch(() => {});
      this.#lookUps.set(path, looking);
    }
    return abortable(looking, signal);
  }

  /** Looks for a path from now on: a look that is under way may have asked before something changed. */
  async lookUpAnew(mount: Mount, path: ByteString, signal: AbortSignal): Promise<void> {
    const before = this.#lookUps.get(path);
    if (before !== undefined) {
      await abortable(
        before.catch(() => {}),
        signal,
      );
    }
    await this.lookUp(mount, path, signal);
  }

  /** Looks into a directory, likewise; also with EdgeLockError. */
  directory(mount: Mount, path: ByteString, signal: AbortSignal): Promise<void> {
    return abortable(this.begin(mount, path).ended, signal);
  }

  /** The look into a directory that is under way, or begins now. */
  begin(mount: Mount, path: ByteString): UnderWay<DirectoryLook> {
    const known = this.#directories.get(path);
    if (known !== undefined) return known;
    const look = new DirectoryLook(this.#parts, mount, path);
    const ended = this.#noting(mount, look.run()).finally(() => this.#directories.delete(path));
    // Nobody may wait for it any more when it fails.
    ended.catch(() => {});
    const underWay = { look, ended };
    this.#directories.set(path, underWay);
    return underWay;
  }

  /** A look that begins from now on: one that is under way may have passed by what just came. */
  async beginAnew(mount: Mount, path: ByteString): Promise<UnderWay<DirectoryLook>> {
    const known = this.#directories.get(path);
    if (known !== undefined && known.look.startedMs > Number.NEGATIVE_INFINITY) {
      await known.ended.catch(() => {});
    }
    return this.begin(mount, path);
  }

  async #noting(mount: Mount, looking: Promise<void>): Promise<void> {
    try {
      await looking;
      this.#parts.looked(mount, undefined);
    } catch (error) {
      if (error instanceof StorageError) this.#parts.looked(mount, error);
      throw error;
    }
  }

  /** The look into a directory that is under way. */
  underWayIn(path: ByteString): DirectoryLook | undefined {
    return this.#directories.get(path)?.look;
  }

  /** Directories that are being looked into. */
  get directories(): Iterable<DirectoryLook> {
    return Array.from(this.#directories.values(), ({ look }) => look);
  }

  /** An operation changes what is at these edges. */
  touch(edges: readonly EdgeKey[]): void {
    if (this.#directories.size === 0) return;
    for (const edge of edges) {
      for (const { look } of this.#directories.values()) {
        if (look.directoryId === edgeParent(edge)) look.touch(edgeName(edge));
      }
    }
  }
}
