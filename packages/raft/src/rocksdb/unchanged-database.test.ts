import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RocksDatabase } from './database.js';
import { UnchangedDatabase } from './unchanged-database.js';

let root: string;
let directory: string;
let scratch: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'unchanged-database-'));
  directory = join(root, 'database');
  scratch = join(root, 'scratch');
  await mkdir(scratch);
});

afterEach(() => rm(root, { recursive: true, force: true }));

async function put(key: string, valueBytes = 1): Promise<void> {
  await using database = await RocksDatabase.open({ directory, memtableBudgetBytes: 2 ** 20 });
  const batch = database.batch();
  for (let i = 0; i < 20; i++) {
    batch.put(Buffer.from(`${key}-${i}`), Buffer.alloc(valueBytes, i));
    batch.write({ sync: false });
    batch.clear();
  }
}

/** Names, times and contents of all files. */
async function contents(): Promise<unknown> {
  const names = (await readdir(directory)).sort();
  return await Promise.all(
    names.map(async (name) => {
      const { mtimeMs, size } = await stat(join(directory, name));
      const bytes = await readFile(join(directory, name));
      return [name, mtimeMs, size, bytes.toString('base64')];
    }),
  );
}

/** What another process sees that opens the one way or the other. */
function openedByAnother(): string {
  const module = (name: string) => JSON.stringify(new URL(`./${name}.js`, import.meta.url).href);
  const script = `
    const { RocksDatabase } = await import(${module('database')});
    const { UnchangedDatabase } = await import(${module('unchanged-database')});
    const [directory, scratch] = ${JSON.stringify([directory, scratch])};
    const opening = [
      () => RocksDatabase.open({ directory }),
      () => UnchangedDatabase.open(directory, scratch),
    ];
    const codes = new Set();
    for (const open of opening) {
      try {
        const opened = await open();
        await opened.close();
        codes.add('opened');
      } catch (error) {
        codes.add(error.code);
      }
    }
    console.log([...codes].join(', '));
  `;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
  });
  return stdout.trim();
}

describe('a database that is opened unchanged', () => {
  it('shows what is in tables and in the write-ahead log, and is as it was', async () => {
    await put('table', 200_000);
    await put('log');
    const before = await contents();
    {
      await using unchanged = await UnchangedDatabase.open(directory, scratch);
      const keys = ['table-7', 'log-19', 'none'].map((key) => Buffer.from(key));
      const values = unchanged.database.getManySync(keys);
      expect(values.map((value) => value?.byteLength)).toEqual([200_000, 1, undefined]);
      const batch = unchanged.database.batch();
      batch.put(Buffer.from('other'), Buffer.alloc(8_000_000));
      batch.write({ sync: true });
    }
    expect(await contents()).toEqual(before);
    expect(await readdir(scratch)).toEqual([]);
  });

  it('is refused while somebody has it open, and keeps others out', async () => {
    await put('a');
    const locked = expect.objectContaining({ code: 'DATABASE_LOCKED' });
    {
      await using running = await RocksDatabase.open({ directory });
      expect(running.directory).toBe(directory);
      await expect(UnchangedDatabase.open(directory, scratch)).rejects.toEqual(locked);
      expect(openedByAnother()).toBe('DATABASE_LOCKED');
    }
    {
      const unchanged = await UnchangedDatabase.open(directory, scratch);
      expect(openedByAnother()).toBe('DATABASE_LOCKED');
      await unchanged.close();
    }
    expect(openedByAnother()).toBe('opened');
    expect(await readdir(scratch)).toEqual([]);
  });

  it('may be a copy without its lock', async () => {
    await put('a');
    const copy = join(root, 'copy');
    await cp(directory, copy, { recursive: true });
    await rm(join(copy, 'LOCK'));
    await using unchanged = await UnchangedDatabase.open(copy, scratch);
    expect(unchanged.database.getManySync([Buffer.from('a-3')])[0]?.byteLength).toBe(1);
  });

  it('has to be one, and is not made', async () => {
    const corrupt = expect.objectContaining({ code: 'DATABASE_CORRUPT' });
    await mkdir(directory);
    await writeFile(join(directory, 'note'), 'none');
    await expect(UnchangedDatabase.open(directory, scratch)).rejects.toEqual(corrupt);
    expect(await readdir(directory)).toEqual(['note']);
    await expect(UnchangedDatabase.open(join(root, 'no'), scratch)).rejects.toMatchObject({
      code: 'DATABASE_FAILED',
    });
    expect((await readdir(root)).sort()).toEqual(['database', 'scratch']);
  });

  it('is refused where a table is damaged or missing', async () => {
    await put('table', 200_000);
    await put('more', 200_000);
    const [table = ''] = (await readdir(directory)).filter((name) => name.endsWith('.sst'));
    await rm(join(directory, table));
    await expect(UnchangedDatabase.open(directory, scratch)).rejects.toMatchObject({
      code: 'DATABASE_CORRUPT',
    });
    expect(await readdir(scratch)).toEqual([]);
  });
});
