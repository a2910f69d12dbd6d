import { invariant } from '../core/invariant.js';
import { RaftError } from '../errors.js';
import {
  encodeFooter,
  type SnapshotBlock,
  type SnapshotManifest,
  type SnapshotPosition,
  startOf,
} from './snapshot-block.js';
import { headerChecksum } from './snapshot-header.js';
import type { SnapshotReceiver } from './snapshot-receiver.js';
import type { FetchedSnapshot } from './snapshot-source.js';

/** Where the bytes of a backup go, one behind the other. One call at a time. */
export interface BackupTarget {
  write(bytes: Buffer): Promise<void>;
  /** Forgets all that was written; undefined where it can't be taken back. */
  readonly restart: (() => Promise<void>) | undefined;
  /** All was written: makes it a backup. */
  publish(): Promise<void>;
}

/** Hands on a snapshot's bytes as they are, each block as it was checked. */
export class BackupReceiver implements SnapshotReceiver {
  readonly #target: BackupTarget;
  #begun: { readonly manifest: SnapshotManifest; position: SnapshotPosition } | undefined;
  #hasWritten = false;

  constructor(target: BackupTarget) {
    this.#target = target;
  }

  /** Each backup begins anew: it is to hold what was acknowledged before it was asked for. */
  async begun(): Promise<SnapshotManifest | undefined> {
    return undefined;
  }

  async begin(manifest: SnapshotManifest): Promise<SnapshotPosition> {
    if (this.#begun?.manifest.id === manifest.id) return this.#begun.position;
    if (this.#hasWritten) await this.#restart();
    const position = startOf(manifest.headerBytes);
    await this.#write(manifest.headerBytes);
    this.#begun = { manifest, position };
    return position;
  }

  async #restart(): Promise<void> {
    const { restart } = this.#target;
    if (restart === undefined) {
      throw new RaftError(
        'SNAPSHOT_FAILED',
        'no member has the state any more that was sent in part, and what was written of it can not be ' +
          'taken back: make the backup again, or write it to a file',
      );
    }
    this.#begun = undefined;
    await restart();
    this.#hasWritten = false;
  }

  async accept({ frame, end }: SnapshotBlock): Promise<void> {
    const begun = this.#begun;
    invariant(begun !== undefined, 'no snapshot was begun');
    await this.#write(frame);
    begun.position = end;
  }

  async complete(): Promise<FetchedSnapshot> {
    const begun = this.#begun;
    invariant(begun !== undefined, 'no snapshot was begun');
    const { headerBytes, extent, header } = begun.manifest;
    await this.#write(encodeFooter(extent, headerChecksum(headerBytes)));
    return {
      base: header.base,
      install: () => this.#target.publish(),
      [Symbol.asyncDispose]: async () => {},
    };
  }

  async discard(): Promise<void> {
    this.#begun = undefined;
  }

  /** What was pulled, once `complete` has resolved. */
  get manifest(): SnapshotManifest {
    invariant(this.#begun !== undefined, 'nothing was pulled');
    return this.#begun.manifest;
  }

  async #write(bytes: Buffer): Promise<void> {
    this.#hasWritten = true;
    await this.#target.write(bytes);
  }
}
