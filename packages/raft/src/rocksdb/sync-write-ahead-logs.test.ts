import fileSystem, { mkdtemp, readdir, rm } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { RocksDatabase } from './database.js';

/** Paths in the order in which they were fsynced, by their last name. */
const synced: string[] = [];
let failure: Error | undefined;

beforeAll(() => {
  const { open } = fileSystem;
  vi.spyOn(fileSystem, 'open').mockImplementation(async (path, flags) => {
    const file = await open(path, flags);
    const sync = file.sync.bind(file);
    file.sync = async () => {
      if (failure !== undefined) throw failure;
      await sync();
      synced.push(basename(`${path}`));
    };
    return file;
  });
  // So do the modules that import it by its name.
  syncBuiltinESMExports();
});

afterAll(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
});

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sync-'));
  synced.length = 0;
  failure = undefined;
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

it('a sync reaches every write-ahead log, and the directory that names them', async () => {
  await using database = await RocksDatabase.open({ directory });
  const batch = database.batch();
  batch.put(Buffer.from('k'), Buffer.from('v'));
  batch.write({ sync: false });
  await database.sync();
  const logs = (await readdir(directory)).filter((name) => name.endsWith('.log'));
  expect(logs.length).toBeGreaterThan(0);
  expect(synced).toEqual([...logs, basename(directory)]);
});

it('a sync that fails, or comes too late, says so', async () => {
  const database = await RocksDatabase.open({ directory });
  failure = Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO' });
  await expect(database.sync()).rejects.toMatchObject({ code: 'DATABASE_FAILED' });
  failure = Object.assign(new Error('ENOSPC: no space left on device, fsync'), { code: 'ENOSPC' });
  await expect(database.sync()).rejects.toMatchObject({ code: 'DATABASE_FULL' });
  await database.close();
  await expect(database.sync()).rejects.toMatchObject({ code: 'DATABASE_CLOSED' });
});
