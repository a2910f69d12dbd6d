import type { Clock } from '@raft-ts/net';
import type { Mount, MountOptions } from '../namespace/mounts/mount.js';
import { type ByteString, textFromByteString } from '../namespace/tree/byte-string.js';
import type { ParsedPlace, StorageCredentials, StorageDriver } from '../storages/storage.js';
import { StorageError } from '../storages/storage-error.js';
import { splitOptions } from './mount-options.js';
import { StorageAccess } from './storage-access.js';
import type { StorageAccessOptions } from './storage-access-options.js';

/** What opening storages needs. */
export interface AccessParts {
  readonly drivers: readonly StorageDriver[];
  /** What this member's own configuration has under a name. Rejects with StorageError INVALID for an unknown one. */
  readonly credentials: (profile: string) => Promise<StorageCredentials>;
  readonly access: StorageAccessOptions;
  readonly clock: Clock;
  readonly random: () => number;
}

/** How a storage is reached. */
export interface DescribedStorage {
  readonly uri: ByteString;
  readonly profile: ByteString;
  readonly options: MountOptions;
}

/** Ways to the storages of all mounts, each opened when it is first used. */
export class MountAccesses {
  readonly #parts: AccessParts;
  readonly #accesses = new Map<number, { readonly mount: Mount; readonly access: StorageAccess }>();

  constructor(parts: AccessParts) {
    this.#parts = parts;
  }

  of(mount: Mount): StorageAccess {
    const known = this.#accesses.get(mount.id);
    if (known !== undefined && isSameStorage(known.mount, mount)) return known.access;
    known?.access.close().catch(() => {});
    const access = this.open(mount);
    this.#accesses.set(mount.id, { mount, access });
    return access;
  }

  /** Undefined where nobody has used it. */
  known(mount: number): StorageAccess | undefined {
    return this.#accesses.get(mount)?.access;
  }

  /** The caller closes it. Throws StorageError INVALID for options that say nothing. */
  open(described: DescribedStorage): StorageAccess {
    const { clock, random, access } = this.#parts;
    const uri = textFromByteString(described.uri);
    const options = splitOptions(described.options);
    const profile = textFromByteString(described.profile);
    let used: StorageCredentials;
    const open = async () => {
      used = await this.#credentials(profile);
      return await this.#driver(uri).open(uri, options.driver, used);
    };
    const isOutdated = async () =>
      JSON.stringify(await this.#credentials(profile)) !== JSON.stringify(used);
    const accessed = { uri, open, isOutdated, clock, random };
    return new StorageAccess(accessed, { ...access, ...options.access });
  }

  async #credentials(profile: string): Promise<StorageCredentials> {
    return profile === '' ? undefined : await this.#parts.credentials(profile);
  }

  /** What a URI names with these options. Throws StorageError INVALID. */
  parse(uri: string, options: MountOptions): ParsedPlace {
    return this.#driver(uri).parse(uri, splitOptions(options).driver);
  }

  #driver(uri: string): StorageDriver {
    const scheme = uri.slice(0, Math.max(0, uri.indexOf(':')));
    const driver = this.#parts.drivers.find((each) => each.scheme === scheme);
    if (driver !== undefined) return driver;
    const schemes = this.#parts.drivers.map((each) => `${each.scheme}:`).join(', ');
    throw new StorageError('INVALID', `a URI of a storage begins with one of ${schemes}`);
  }

  /** Closes those of mounts that are no more, or are reached otherwise now. */
  keep(mounts: (id: number) => Mount | undefined): void {
    for (const [id, { mount, access }] of this.#accesses) {
      const now = mounts(id);
      if (now !== undefined && isSameStorage(mount, now)) continue;
      this.#accesses.delete(id);
      access.close().catch(() => {});
    }
  }

  async close(): Promise<void> {
    const accesses = [...this.#accesses.values()];
    this.#accesses.clear();
    await Promise.allSettled(accesses.map(({ access }) => access.close()));
  }
}

function isSameStorage(one: DescribedStorage, other: DescribedStorage): boolean {
  return (
    one.uri === other.uri &&
    one.profile === other.profile &&
    JSON.stringify(one.options) === JSON.stringify(other.options)
  );
}
