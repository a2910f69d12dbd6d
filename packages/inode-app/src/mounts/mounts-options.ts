import type { Clock, WireValue } from '@raft-ts/net';
import type { MountedTree } from '../namespace/mounts/mounted-tree.js';
import type { StorageCredentials, StorageDriver } from '../storages/storage.js';
import type { StorageAccessOptions } from './storage-access-options.js';

/** Has a command applied by whoever leads, and resolves with its result; a query likewise, as of now. */
export interface MountsService {
  command(value: WireValue, options: { readonly signal: AbortSignal }): Promise<unknown>;
  query(value: WireValue, options: { readonly signal: AbortSignal }): Promise<unknown>;
}

/** What mounts need of the member that they are on. */
export interface MountsOptions {
  /** Of this member, as it is applied now. */
  readonly tree: () => MountedTree;
  readonly drivers: readonly StorageDriver[];
  /** What this member's own configuration has under a name. Rejects with StorageError INVALID for an unknown one. */
  readonly credentials: (profile: string) => Promise<StorageCredentials>;
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** How storages are asked, all in the same way. */
  readonly access?: StorageAccessOptions;
  /** Takes lines for people. */
  readonly log?: (line: string) => void;
}
