import type { Clock } from '@raft-ts/net';
import type { Mount } from '../namespace/mounts/mount.js';
import type { MountedTree } from '../namespace/mounts/mounted-tree.js';
import type { Operation } from '../namespace/operations/operation-table.js';
import type { OperationResult } from '../namespace/operations/result.js';
import type { SyncChange } from '../namespace/operations/sync-entries.js';
import type { ByteString } from '../namespace/tree/byte-string.js';
import type { Failure } from '../namespace/tree/failure.js';
import type { EdgeLocks } from './edge-locks.js';
import type { StorageAccess } from './storage-access.js';
import type { SyncTimes } from './sync-times.js';

/** What looking into storages needs, of a member as long as it leads. */
export interface LookParts {
  /** As it is now. */
  readonly tree: () => MountedTree;
  /** Of this lead. */
  readonly epoch: () => Promise<number>;
  /** Has an operation applied, and resolves with its result. */
  readonly propose: (operation: Operation) => Promise<OperationResult>;
  readonly access: (mount: Mount) => StorageAccess;
  readonly times: SyncTimes;
  readonly locks: EdgeLocks;
  readonly clock: Clock;
  readonly random: () => number;
  /** Aborted when the member does not lead any more. */
  readonly signal: AbortSignal;
  /** Told of what a storage holds and no tree can, in one line. */
  readonly skipped: (mount: Mount, line: string) => void;
  /** Told how a look ended. */
  readonly looked: (mount: Mount, error: Error | undefined) => void;
}

/** A look that ended with a refusal: those who waited for it are told so. */
export class LookRefused extends Error {
  override readonly name = 'LookRefused';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(`${failure[0]}: ${failure[1]}`);
    this.failure = failure;
  }
}

/** The directory that is changed, and intents that had ended when the storage was asked. */
export interface ChangedDirectory {
  readonly path: ByteString;
  readonly id: number;
  readonly ended: number;
}

/** Lets a directory have what was found. Rejects with LookRefused where it is another one by now. */
export async function proposeChanges(
  parts: Pick<LookParts, 'epoch' | 'propose'>,
  { path, id, ended }: ChangedDirectory,
  changes: readonly SyncChange[],
  complete: boolean,
): Promise<number> {
  const result = await parts.propose({
    kind: 'syncEntries',
    path,
    directory: id,
    epoch: await parts.epoch(),
    ended,
    changes,
    complete,
  });
  if (typeof result === 'number') return result;
  throw new LookRefused(result);
}
