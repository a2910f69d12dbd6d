import { join } from 'node:path';
import { readBlocks, readManifest, writeSnapshotFile } from './snapshot-file.js';
import { KEPT_SUFFIX, UNFINISHED_SUFFIX } from './snapshot-keeper.js';
import { machineStorage, type SnapshotHandle } from './snapshot-storage.js';

const storage = machineStorage;

/**
 * Snapshots that a keeper left in `directory` become those of a cluster of another name. One of rows goes: it is
 * a copy of what a database holds, and is made anew. Of chunks the newest stays, as what the state may have to
 * restart from. Safe to call again after a crash in between. Rejects with SNAPSHOT_DAMAGED, the signal's reason,
 * or what the file system reports.
 */
export async function renameSnapshots(
  directory: string,
  newClusterId: string,
  signal: AbortSignal,
): Promise<void> {
  let newest: { readonly path: string; readonly index: number } | undefined;
  const names = await storage.readdir(directory);
  for (const name of names.filter((each) => each.endsWith(KEPT_SUFFIX))) {
    const path = join(directory, name);
    await using handle = await storage.open(path, 'r');
    const { header } = await readManifest(handle);
    const { index } = header.base;
    const older = header.contents === 'rows' || index < (newest?.index ?? 0) ? path : newest?.path;
    if (older !== undefined) await storage.remove(older);
    if (older !== path) newest = { path, index };
  }
  if (newest !== undefined) await renameSnapshot(newest.path, newClusterId, signal);
  await storage.syncDirectory(directory);
}

async function renameSnapshot(path: string, clusterId: string, signal: AbortSignal): Promise<void> {
  await using handle = await storage.open(path, 'r');
  const { header } = await readManifest(handle);
  if (header.clusterId === clusterId) return;
  const unfinished = `${path}${UNFINISHED_SUFFIX}`;
  await storage.remove(unfinished);
  const chunks = payloadsOf(handle, signal);
  await writeSnapshotFile(unfinished, { ...header, clusterId }, { chunks }, { signal });
  await storage.rename(unfinished, path);
}

async function* payloadsOf(handle: SnapshotHandle, signal: AbortSignal): AsyncGenerator<Buffer> {
  for await (const { payload } of readBlocks(handle, signal)) yield payload;
}
