import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogBase } from 'raft-ts';
import { RocksSnapshotReceiver, RocksSnapshotSupply } from 'raft-ts/rocksdb';
import type { OpenedTree } from './open-tree.js';
import { STORE_NAME } from './store-name.js';

const SNAPSHOTS_NAME = 'snapshots';
/** What was received of a tree lies beside it. */
export const RECEIVED_NAME = `${STORE_NAME}.received`;

/** How a member's tree is given to others, and another's takes its place. */
export function treeState(tree: OpenedTree, base: () => LogBase | undefined) {
  const supply = new RocksSnapshotSupply({
    database: tree.database,
    base,
    whileNothingIsApplied: (work) => tree.service.whileNothingIsApplied(work),
  });
  const receiver = new RocksSnapshotReceiver({
    directory: tree.directory,
    install: async (replace) => {
      await supply.release();
      await tree.replace(replace);
    },
  });
  return { supply, receiver };
}

/** Where a member keeps the snapshots that it hands out. */
export function snapshotsDirectory(directory: string): string {
  return join(directory, SNAPSHOTS_NAME);
}

/** Gives back to a full disk what can be made or had again, of a member that has nothing open. */
export async function removeSnapshots(directory: string): Promise<void> {
  for (const name of [SNAPSHOTS_NAME, RECEIVED_NAME]) {
    await rm(join(directory, name), { recursive: true, force: true });
  }
}
