import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { EntryType } from '../../core/log/entry.js';
import { EMPTY_MEMBERSHIP } from '../../core/membership/membership.js';
import { RocksDatabase } from '../../rocksdb/database.js';
import { entryKey } from '../durable/layout.js';
import { logPath } from './data-directory.js';
import { RocksLogStore } from './rocks-log-store.js';
import { UnchangedLog } from './unchanged-log.js';
import { flip } from './wrong-byte.test.support.js';

/* A log of 40 entries of 1 MiB: its outline tells of the first 32. */

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'outlined-log-'));
  await using store = await openLog();
  for (let index = 1; index <= 40; index++) {
    await store.write({ entries: [{ index, term: 1, type: EntryType.Command, data: payload }] });
  }
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const payload = randomBytes(1024 * 1024);

function openLog(onDamage: 'refuse' | 'replace' = 'refuse'): Promise<RocksLogStore> {
  return RocksLogStore.open({ directory, clusterId: 'c', memberId: 1, onDamage });
}

async function damage(index: number): Promise<void> {
  await using database = await RocksDatabase.open({ directory: logPath(directory) });
  const batch = database.batch();
  batch.put(entryKey(index), payload);
  batch.write({ sync: true });
}

it('opens with all it had, and as cut', async () => {
  const base = { index: 20, term: 1, membership: EMPTY_MEMBERSHIP };
  {
    await using store = await openLog();
    expect(store.initial.lastIndex).toBe(40);
    expect(await store.read(1, 2, 1e9)).toHaveLength(2);
    await store.write({ base, entries: [] });
  }
  await using store = await openLog();
  expect(store.initial).toMatchObject({ base, lastIndex: 40, termRuns: [{ index: 21, term: 1 }] });
  await expect(store.read(20, 21, 1e9)).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
});

it.each([33, 32, 1])('damage of entry %s is found when it is opened', async (index) => {
  await damage(index);
  await expect(openLog()).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
});

it('other damage is found when it is read, from then on at each opening, and at once by who looks', async () => {
  await damage(9);
  const scratch = await mkdtemp(join(tmpdir(), 'scratch-'));
  await expect(UnchangedLog.open(directory, scratch)).rejects.toMatchObject({
    code: 'LOG_CORRUPT',
  });
  await rm(scratch, { recursive: true });
  {
    await using store = await openLog();
    await expect(store.read(8, 10, 1e9)).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
  }
  await expect(openLog()).rejects.toThrow(/entry 9 fails its checksum/);
  await using store = await openLog('replace');
  expect(store.initial.lastIndex).toBe(0);
});

/** Writes until that is refused. */
async function writeOn(store: RocksLogStore): Promise<void> {
  for (;;) {
    const hardState = { term: 1, votedFor: 1, commit: 1, recovery: 0 };
    await store.write({ hardState, entries: [] });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

it('other damage is found some seconds later, though nobody reads it', async () => {
  await damage(9);
  {
    await using store = await openLog();
    await expect(writeOn(store)).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
  }
  await expect(openLog()).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
});

it('damage of a table has the log replaced, at the latest at the opening after it was met', async () => {
  // Whoever reads the table first: opening, the check of the rest, or RocksDB when it merges tables.
  const [, table = ''] = await tables();
  await flip(table, (await stat(table)).size / 2);
  {
    await using store = await openLog('replace');
    if (store.initial.lastIndex === 0) return;
    await expect(writeOn(store)).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
  }
  await using store = await openLog('replace');
  expect(store.initial.lastIndex).toBe(0);
});

async function tables(): Promise<readonly string[]> {
  const names = await readdir(logPath(directory));
  return names
    .filter((name) => name.endsWith('.sst'))
    .sort()
    .map((name) => join(logPath(directory), name));
}
