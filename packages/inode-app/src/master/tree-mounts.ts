import { systemClock } from '@raft-ts/net';
import { Mounts } from '../mounts/mounts.js';
import type { MountedTree } from '../namespace/mounts/mounted-tree.js';
import { localDriver } from '../storages/local/local-driver.js';
import { s3Driver } from '../storages/s3/s3-driver.js';
import type { StorageDriver } from '../storages/storage.js';
import { WebHdfsDriver } from '../storages/webhdfs/webhdfs-driver.js';
import { profileIn } from './credentials-profiles.js';
import type { MasterOptions } from './master-options.js';

/** Kinds of storage systems that can be mounted where nothing else is said. */
const STORAGES: readonly StorageDriver[] = [
  localDriver,
  s3Driver,
  new WebHdfsDriver('webhdfs'),
  new WebHdfsDriver('swebhdfs'),
];

/** Mounts in the tree of a master. */
export function treeMounts(
  tree: () => MountedTree,
  { storages = STORAGES, profiles, log }: Pick<MasterOptions, 'storages' | 'profiles' | 'log'>,
): Mounts {
  return new Mounts({
    tree,
    drivers: storages,
    credentials: (profile) => profileIn(profiles, profile),
    clock: systemClock,
    random: Math.random,
    ...(log === undefined ? {} : { log }),
  });
}
