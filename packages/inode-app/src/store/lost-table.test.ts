import { cp, mkdtemp, readFile, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openRocksRows } from './rocksdb-rows.js';
import { frameworkKey } from './row-keys.js';
import { TreeStore } from './tree-store.js';

const OPTIONS = { maxCacheEntries: 100, maxCacheBytes: 1e6, absenceFilterBytes: 64 };
/** With two there is one table: two would be merged, in the background, before or after the store is closed. */
const COMMITS = 2;
/** Cuts of the list of files are so far apart, bytes: no edit in it is shorter. */
const STEP_BYTES = 16;

let root: string;
let directory: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lost-table-'));
  directory = join(root, 'store');
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

const rowOf = (index: number) => Uint8Array.of(index);

/** Opens the store; opening moves what the write-ahead log holds to a table. */
async function commitOne(index: number): Promise<void> {
  await using rows = await openRocksRows({ directory });
  const store = await TreeStore.open(rows, OPTIONS);
  store.commit(index, [{ key: rowOf(index), value: rowOf(index) }]);
}

/** What the store says that it has applied, after a look whether that is there; or what is wrong. */
async function found(path: string): Promise<number | string> {
  try {
    await using rows = await openRocksRows({ directory: path });
    const { appliedIndex } = await TreeStore.open(rows, OPTIONS);
    for (let index = 1; index <= appliedIndex; index++) {
      expect(rows.getManySync([frameworkKey(rowOf(index))])).toEqual([Buffer.from(rowOf(index))]);
    }
    return appliedIndex;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return String(error.code);
    throw error;
  }
}

it('is noticed when the list of files is cut short, wherever that is', async () => {
  for (let index = 1; index <= COMMITS; index++) await commitOne(index);
  // An older list may still be there.
  const list = (await readFile(join(directory, 'CURRENT'), 'utf8')).trim();
  const { size } = await stat(join(directory, list));
  const outcomes = new Set<number | string>();
  for (let length = size; length > 0; length -= STEP_BYTES) {
    const copy = join(root, `${length}`);
    await cp(directory, copy, { recursive: true });
    await truncate(join(copy, list), length);
    outcomes.add(await found(copy));
  }
  // DATABASE_CORRUPT is what RocksDB notices, DATA_CORRUPT what it takes for a whole database.
  expect(outcomes).toEqual(new Set([COMMITS, 'DATA_CORRUPT', 'DATABASE_CORRUPT']));
});
