import type { SnapshotApplication, SnapshotHeader } from 'raft-ts';
import { InodeAppError } from '../errors.js';

/** Whose state a snapshot is. The version is raised when the rows of a tree are written in another way. */
export const TREE_APPLICATION: SnapshotApplication = { name: 'inode-app', version: 1 };

/** Throws SNAPSHOT_FOREIGN unless a snapshot holds a tree that this version reads; `name`: for the error. */
export function checkTreeSnapshot({ application, contents }: SnapshotHeader, name: string): void {
  const { name: own, version } = TREE_APPLICATION;
  if (application.name !== own || contents !== 'rows') {
    throw new InodeAppError(
      'SNAPSHOT_FOREIGN',
      `${name} holds a state of "${application.name}", no tree`,
    );
  }
  if (application.version <= version) return;
  throw new InodeAppError(
    'SNAPSHOT_FOREIGN',
    `${name} holds a tree of version ${application.version}, and this program reads up to ${version}: ` +
      'use the version that wrote it, or a later one',
  );
}
