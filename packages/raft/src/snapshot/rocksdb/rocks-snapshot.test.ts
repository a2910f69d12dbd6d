import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RocksDatabase } from '../../rocksdb/database.js';
import { snapshotReceiverCompliance } from '../../testing/snapshot-receiver-compliance.js';
import { HttpSnapshotSource } from '../http-snapshot-source.js';
import { HEADER, headerAt, snapshotOf } from '../snapshot.test.support.js';
import { checkSnapshotFile } from '../snapshot-file.js';
import { SnapshotMembers } from '../snapshot-members.test.support.js';
import { RocksSnapshotReceiver } from './rocks-snapshot-receiver.js';
import { RocksSnapshotRows } from './rocks-snapshot-rows.js';
import { allRows, putRows, rowsIn } from './rocks-state.test.support.js';

describe('RocksSnapshotReceiver, as any receiver,', () => {
  const createHome = async () => {
    const root = await mkdtemp(join(tmpdir(), 'rocks-receiver-'));
    const directory = join(root, 'tree');
    let receiver: RocksSnapshotReceiver | undefined;
    return {
      header: HEADER,
      open: async () => {
        // A database is open once: what it does in closing is no more than what was done before.
        await receiver?.close();
        receiver = new RocksSnapshotReceiver({ directory, install: (replace) => replace() });
        return receiver;
      },
      installed: () => rowsIn(directory),
      remove: async () => {
        await receiver?.close();
        await rm(root, { recursive: true });
      },
    };
  };
  for (const { name, run } of snapshotReceiverCompliance(createHome)) it(name, run);
});

describe('RocksSnapshotRows', () => {
  let root: string;
  let database: RocksDatabase;
  const { signal } = new AbortController();
  const ROWS = new Map(
    Array.from({ length: 5_000 }, (_, i) => [`key ${String(i).padStart(6, '0')}`, `value ${i}`]),
  );
  const expected = snapshotOf(
    HEADER,
    [...ROWS].map(([key, value]) => ({ key: Buffer.from(key), value: Buffer.from(value) })),
  ).manifest;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'rocks-rows-'));
    database = await RocksDatabase.open({ directory: join(root, 'state') });
    putRows(database, ROWS);
  });

  afterEach(async () => {
    await database.close();
    await rm(root, { recursive: true });
  });

  it('writes what is there when it is held, whatever is written meanwhile', async () => {
    const rows = await RocksSnapshotRows.start(database);
    await using state = await rows.hold(HEADER.base);
    putRows(
      database,
      new Map([
        ['key 000003', 'later'],
        ['later', ''],
      ]),
    );
    const path = join(root, 'a.snapshot');
    const progress: number[] = [];
    const manifest = await state.write(path, HEADER, {
      signal,
      progress: (count) => progress.push(count),
    });
    expect(manifest).toEqual(expected);
    expect(await checkSnapshotFile(path)).toEqual(expected);
    expect(allRows(database).get('key 000003')).toBe('later');
  });

  it('stops when it is not wanted any more, and ends its thread', async () => {
    const rows = await RocksSnapshotRows.start(database);
    const state = await rows.hold(HEADER.base);
    const controller = new AbortController();
    const reason = new Error('no longer wanted');
    const slow = { perSecond: 1, take: async () => {} };
    const writing = state.write(join(root, 'a'), HEADER, {
      signal: controller.signal,
      rate: Object.assign(Object.create(null), slow),
    });
    controller.abort(reason);
    await expect(writing).rejects.toBe(reason);
    await state[Symbol.asyncDispose]();
    await state[Symbol.asyncDispose]();
    await rows[Symbol.asyncDispose]();
  });

  it('tells what the disk reports, with its code', async () => {
    const rows = await RocksSnapshotRows.start(database);
    await using state = await rows.hold(HEADER.base);
    const nowhere = join(root, 'nowhere', 'a');
    await expect(state.write(nowhere, HEADER, { signal })).rejects.toMatchObject({
      code: 'SNAPSHOT_FAILED',
      message: expect.stringContaining('ENOENT'),
    });
  });

  it('moves a state from one member to another over HTTP', async () => {
    const members = await SnapshotMembers.create();
    try {
      const take = async () => {
        const rows = await RocksSnapshotRows.start(database);
        return await rows.hold(headerAt(7).base);
      };
      await members.add({ server: { supply: { take } } });
      const directory = join(root, 'other');
      let other = await RocksDatabase.open({ directory });
      putRows(other, new Map([['former', '']]));
      await using receiver = new RocksSnapshotReceiver({
        directory,
        install: async (replace) => {
          await other.close();
          await replace();
          other = await RocksDatabase.open({ directory });
        },
      });
      await using source = new HttpSnapshotSource({
        clusterId: HEADER.clusterId,
        application: HEADER.application,
        receiver,
        peers: () => members.peers,
        rangeBytes: 50_000,
      });
      await using fetched = await source.fetch({ from: 0, index: 7 }, signal);
      expect(allRows(other)).toEqual(new Map([['former', '']]));
      await fetched.install();
      expect(allRows(other)).toEqual(ROWS);
      await other.close();
      expect((await readdir(root)).sort()).toEqual(['other', 'state']);
    } finally {
      await members.remove();
    }
  });
});
