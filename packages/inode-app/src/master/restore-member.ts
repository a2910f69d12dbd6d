import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type EndpointsByMember,
  type MemberId,
  readBlocks,
  readManifest,
  type SnapshotBlock,
  type SnapshotManifest,
  takeRows,
} from 'raft-ts';
import { foundFromSnapshot, RocksDatabase } from 'raft-ts/rocksdb';
import { InodeAppError } from '../errors.js';
import { RestoredRows } from '../store/restored-rows.js';
import { checkTreeSnapshot } from '../store/tree-application.js';
import * as memory from './memory-limits.js';
import { STORE_NAME } from './store-name.js';

export interface RestoreMemberOptions {
  /** A backup. */
  readonly file: string;
  /** The member's data directory: not there yet, or empty. */
  readonly directory: string;
  readonly id: MemberId;
  /** What the cluster is to be called, or the id that another founder was told. */
  readonly clusterName: string;
  /** Who founds it, and where each is reached: the same for each. */
  readonly founders: EndpointsByMember;
  readonly progress?: (rows: number, totalRows: number) => void;
}

export interface RestoredMember {
  readonly clusterId: string;
  readonly manifest: SnapshotManifest;
}

/**
 * Makes the data directory of a member that founds a cluster with the tree of a backup; see
 * `foundFromSnapshot`. Rejects with SNAPSHOT_FOREIGN, SNAPSHOT_DAMAGED, RESTORE_REFUSED, the signal's reason, or
 * what the file system reports: the directory is as it was.
 */
export async function restoreMember(
  options: RestoreMemberOptions,
  signal: AbortSignal,
): Promise<RestoredMember> {
  const { file, directory, id, clusterName, founders } = options;
  await using handle = await open(file, 'r');
  const manifest = await readManifest(handle);
  checkTreeSnapshot(manifest.header, file);
  const clusterId = await foundFromSnapshot({
    directory,
    memberId: id,
    clusterName,
    founders,
    manifest,
    writeState: (target) => writeTree(handle, manifest, join(target, STORE_NAME), options, signal),
    signal,
  });
  return { clusterId, manifest };
}

async function writeTree(
  handle: FileHandle,
  manifest: SnapshotManifest,
  directory: string,
  { file, progress }: RestoreMemberOptions,
  signal: AbortSignal,
): Promise<void> {
  await using database = await RocksDatabase.open({
    directory,
    memtableBudgetBytes: memory.STORE_MEMTABLE_BYTES,
    blockCacheBytes: memory.RESTORED_BLOCK_CACHE_BYTES,
  });
  const batch = database.batch();
  const rows = new RestoredRows(batch);
  const blocks = readBlocks(handle, signal);
  let next = await blocks.next();
  for (; !next.done; next = await blocks.next()) {
    addRows(rows, next.value, file);
    batch.write({ sync: false });
    batch.clear();
    progress?.(next.value.end.rows, manifest.extent.rows);
  }
  const appliedIndex = rows.end();
  const { index } = manifest.header.base;
  if (next.value.id !== manifest.id || appliedIndex !== index) {
    throw damaged(file, `it is as of entry ${index}, and its tree of ${appliedIndex ?? 'none'}`);
  }
  // With all that was written before.
  batch.write({ sync: true });
}

function addRows(
  rows: RestoredRows,
  { payload, rows: count, number }: SnapshotBlock,
  file: string,
) {
  if (takeRows(payload, count, (key, value) => rows.add(key, value))) return;
  throw damaged(file, `block ${number} holds no rows`);
}

function damaged(file: string, what: string): InodeAppError {
  return new InodeAppError(
    'SNAPSHOT_DAMAGED',
    `${file} is damaged: ${what}. Take another copy of it, or another backup`,
  );
}
