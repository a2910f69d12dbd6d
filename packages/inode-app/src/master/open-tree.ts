import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { Parts, TcpRpcNetwork } from '@raft-ts/net';
import { StateMachineService } from '@raft-ts/statemachine';
import { finishReplacing, keepAside, type RocksDatabase, removeOldestAside } from 'raft-ts/rocksdb';
import { displayMessage } from '../display-names.js';
import { argumentInvalid } from '../errors.js';
import type { NamespaceCommand } from '../namespace/operations/operation-table.js';
import type { NamespaceQuery } from '../namespace/queries/query-table.js';
import { NamespaceMachine } from '../store/namespace-machine.js';
import { openRocksRows } from '../store/rocksdb-rows.js';
import { isStoredDamage } from '../store/tree-damage.js';
import type { MasterOptions } from './master-options.js';
import * as memory from './memory-limits.js';
import { processStatus } from './process-status.js';
import { STORE_NAME } from './store-name.js';

/** Damaged trees that are kept beside the one in use: it may be large. */
const MAX_DAMAGED_STORES = 1;

export type NamespaceService = StateMachineService<NamespaceCommand, NamespaceQuery>;

/** The tree of a member, and who answers with it. */
export interface OpenedTree {
  readonly service: NamespaceService;
  readonly directory: string;
  /** As it is open now. */
  readonly database: () => RocksDatabase;
  /** Closes it, and opens what `replace` puts in its place. */
  replace(replace: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

export interface TreeOptions
  extends Pick<
    MasterOptions,
    'directory' | 'members' | 'log' | 'logLimitBytes' | 'memoryBytes' | 'storages' | 'profiles'
  > {
  /** What was found wrong with the tree while it was in use: it begins anew. */
  readonly knownDamage: Error | undefined;
  /** A query met damage. What is applied says so itself: it stops the member. */
  readonly onDamage: (error: Error) => void;
}

/**
 * Opens the tree in a data directory that nobody else uses. A damaged one is kept aside and an empty
 * one takes its place, which the log fills again, or another member's state where the log was cut.
 */
export async function openTree(options: TreeOptions): Promise<OpenedTree> {
  try {
    if (options.knownDamage !== undefined) throw options.knownDamage;
    return await openParts(options);
  } catch (error) {
    if (!isStoredDamage(error)) throw error;
    await setStoreAside(options, error);
    return await openParts(options);
  }
}

async function setStoreAside({ directory, log }: TreeOptions, damage: Error): Promise<void> {
  const aside = await keepAside(directory, STORE_NAME);
  await removeOldestAside(directory, STORE_NAME, MAX_DAMAGED_STORES);
  log?.(
    displayMessage(
      `the tree is damaged and is made again: ${damage.message}; the damaged one is kept in ${aside}`,
    ),
  );
}

async function openParts({
  directory,
  members,
  logLimitBytes,
  memoryBytes = memory.LEAST_MEMORY_BYTES,
  onDamage,
  ...mounting
}: TreeOptions): Promise<OpenedTree> {
  // Once it is known how many files may be open: all that is imported at once is opened at once.
  const { treeMounts } = await import('./tree-mounts.js');
  const parts = new Parts();
  const { inodeCacheEntries, inodeCacheBytes, absenceFilterBytes, blockCacheBytes } =
    memory.treeMemory(memoryBytes);
  try {
    const store = join(directory, STORE_NAME);
    await refuseLink(store);
    const open = () =>
      openRocksRows({
        directory: store,
        memtableBudgetBytes: memory.STORE_MEMTABLE_BYTES,
        blockCacheBytes,
      });
    await finishReplacing(store);
    let rows = await open();
    parts.add(rows);
    const machine = await NamespaceMachine.open({
      rows,
      onDamage,
      maxCacheEntries: inodeCacheEntries,
      maxCacheBytes: inodeCacheBytes,
      absenceFilterBytes,
    });
    const mounts = treeMounts(() => machine.tree, mounting);
    parts.add(mounts);
    const service = await StateMachineService.open({
      machine,
      clientAddresses: new Map(members.map(({ id, clientAddress }) => [id, clientAddress])),
      ...(logLimitBytes === undefined ? {} : { compaction: { everyBytes: logLimitBytes } }),
      network: new TcpRpcNetwork(),
      onDifference: (text) => mounting.log?.(displayMessage(text)),
      extraStatus: () => statistics(machine),
      outside: mounts,
    });
    mounts.serve(service);
    parts.add(service);
    return {
      service,
      directory: store,
      database: () => rows,
      replace: (replace) =>
        machine.replaceRows(async () => {
          await replace();
          rows = await open();
          return rows;
        }),
      close: () => parts.close(),
    };
  } catch (error) {
    await parts.close().catch(() => {});
    throw error;
  }
}

/** A state that is fetched from another member takes the place of the directory, and not of what a link leads to. */
async function refuseLink(store: string): Promise<void> {
  const found = await lstat(store).catch(() => undefined);
  if (found?.isSymbolicLink() !== true) return;
  throw argumentInvalid(
    `${displayMessage(store)} is a symbolic link: move what it leads to into its place, and make the whole data directory ` +
      'a link where it is to lie elsewhere',
  );
}

/** What `status` answers beside what the framework knows. */
function statistics(machine: NamespaceMachine) {
  const { directories, files, symbolicLinks } = machine.statistics();
  return { ...processStatus(process.memoryUsage.rss), directories, files, symbolicLinks };
}
