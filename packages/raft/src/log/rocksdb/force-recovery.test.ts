import { access, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GROUP } from '../../core/group.js';
import { EntryType } from '../../core/log/entry.js';
import { EMPTY_BASE } from '../../core/log/log-state.js';
import { bootstrapWrite } from '../../core/membership/bootstrap.js';
import { decodeMembershipRecord } from '../../core/membership/membership-record.js';
import { RocksDatabase } from '../../rocksdb/database.js';
import { renameSnapshots } from '../../snapshot/rename-snapshots.js';
import { type SnapshotParts, writeSnapshotFile } from '../../snapshot/snapshot-file.js';
import type { SnapshotHeader } from '../../snapshot/snapshot-header.js';
import { SnapshotKeeper } from '../../snapshot/snapshot-keeper.js';
import { entryKey } from '../durable/layout.js';
import { logPath } from './data-directory.js';
import { type ForceRecoveryOptions, forceRecovery } from './force-recovery.js';
import { checkIdentity, writeIdentity } from './identity.js';
import { RocksLogStore } from './rocks-log-store.js';

async function* items<T>(...all: readonly T[]): AsyncGenerator<T> {
  yield* all;
}

/** Of the former cluster. */
async function keep(directory: string, index: number, parts: SnapshotParts): Promise<void> {
  const header: SnapshotHeader = {
    clusterId: 'old',
    group: GROUP,
    application: { name: 'test', version: 1 },
    base: { ...EMPTY_BASE, index, term: 1 },
    contents: 'rows' in parts ? 'rows' : 'chunks',
  };
  const { signal } = new AbortController();
  await writeSnapshotFile(join(directory, `${index}-1.snapshot`), header, parts, { signal });
}

describe('forceRecovery', () => {
  let directory = '';
  let order: ForceRecoveryOptions;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'force-recovery-'));
    order = {
      directory,
      clusterId: 'old',
      newClusterId: 'new',
      memberId: 1,
      lostVoters: [2, 3],
      reason: 'test',
      atMs: 5,
    };
    await using log = await RocksLogStore.open({ directory, clusterId: 'old', memberId: 1 });
    await log.write(bootstrapWrite([1, 2, 3], [], {}));
  });

  afterEach(() => rm(directory, { recursive: true }));

  async function reopen(clusterId: string): Promise<RocksLogStore> {
    return RocksLogStore.open({ directory, clusterId, memberId: 1 });
  }

  it('refuses a log that is damaged where opening does not read it', async () => {
    const data = new Uint8Array(1024 * 1024);
    {
      await using log = await reopen('old');
      const first = log.initial.lastIndex + 1;
      for (let index = first; index < first + 20; index++) {
        await log.write({ entries: [{ index, term: 1, type: EntryType.Command, data }] });
      }
    }
    {
      await using database = await RocksDatabase.open({ directory: logPath(directory) });
      const batch = database.batch();
      batch.put(entryKey(9), data);
      batch.write({ sync: true });
    }
    await expect(forceRecovery(order)).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
    expect(await checkIdentity(directory, { clusterId: 'old', memberId: 1 })).toBe(true);
  });

  it('makes the member the only voter of a cluster with a new name', async () => {
    expect(await forceRecovery(order)).toEqual({ index: 2, term: 2 });
    await expect(reopen('old')).rejects.toMatchObject({ code: 'LOG_FOREIGN' });
    await using log = await reopen('new');
    expect(log.initial.hardState).toEqual({ term: 2, votedFor: 1, commit: 2, recovery: 0 });
    const [entry] = await log.read(2, 2, 1_000_000);
    expect(entry?.type).toBe(EntryType.Membership);
    expect(decodeMembershipRecord(entry?.data ?? new Uint8Array())).toMatchObject({
      kind: 'forced',
      configuration: { voters: [1] },
      lostVoters: [2, 3],
      reason: 'test',
      atMs: 5,
    });
  });

  it('has the newest snapshot of a state bear the new name, and copies of rows go', async () => {
    const snapshots = join(directory, 'snapshots');
    await mkdir(snapshots);
    await keep(snapshots, 3, { chunks: items(Buffer.from('older')) });
    await keep(snapshots, 4, { chunks: items(Buffer.from('a sta'), Buffer.from('te')) });
    await keep(snapshots, 5, { rows: items([]) });
    // Killed in between, it is ordered again.
    await renameSnapshots(snapshots, 'new', new AbortController().signal);
    await forceRecovery(order);
    expect(await readdir(snapshots)).toEqual(['4-1.snapshot']);
    const keeper = await SnapshotKeeper.open({ directory: snapshots, clusterId: 'new' });
    expect(keeper.snapshots.map(({ header }) => header.clusterId)).toEqual(['new']);
    await using reading = await keeper.read(keeper.snapshots[0]?.id ?? '');
    const found: Buffer[] = [];
    for await (const { payload } of reading?.blocks() ?? []) found.push(payload);
    expect(Buffer.concat(found).toString()).toBe('a state');
  });

  it('changes nothing when the order does not fit', async () => {
    const refused = { code: 'RECOVERY_REFUSED' };
    await expect(forceRecovery({ ...order, lostVoters: [2] })).rejects.toMatchObject(refused);
    await expect(forceRecovery({ ...order, newClusterId: 'old' })).rejects.toMatchObject(refused);
    await using log = await reopen('old');
    expect(log.initial.lastIndex).toBe(1);
  });

  it('makes nothing where there is no member', async () => {
    const missing = join(directory, 'missing');
    const refused = { code: 'RECOVERY_REFUSED' };
    await expect(forceRecovery({ ...order, directory: missing })).rejects.toMatchObject(refused);
    await expect(access(missing)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is refused while the member runs', async () => {
    await using _ = await reopen('old');
    await expect(forceRecovery(order)).rejects.toMatchObject({ code: 'LOG_LOCKED' });
  });

  it('goes on after a crash that left the new name and not the entry', async () => {
    await writeIdentity(directory, { clusterId: 'new', memberId: 1 });
    await forceRecovery(order);
    await using log = await reopen('new');
    expect(log.initial.lastIndex).toBe(2);
  });

  it('happens once', async () => {
    await forceRecovery(order);
    await expect(forceRecovery(order)).rejects.toMatchObject({ code: 'RECOVERY_REFUSED' });
  });
});
