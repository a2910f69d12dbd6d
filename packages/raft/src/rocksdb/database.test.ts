import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RaftError } from '../errors.js';
import { RocksDatabase } from './database.js';
import { putSocket } from './put-socket.test.support.js';

const bytes = (text: string) => Buffer.from(text);

let directory: string;
let databases: RocksDatabase[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rocks-database-'));
  databases = [];
});

afterEach(async () => {
  for (const database of databases) await database.close();
  await rm(directory, { recursive: true, force: true });
});

async function open(path = directory): Promise<RocksDatabase> {
  const database = await RocksDatabase.open({
    directory: path,
    memtableBudgetBytes: 4 * 1024 * 1024,
    blockCacheBytes: 4 * 1024 * 1024,
  });
  databases.push(database);
  return database;
}

function fill(database: RocksDatabase, count: number): void {
  const batch = database.batch();
  for (let i = 0; i < count; i++) {
    batch.put(bytes(`key-${String(i).padStart(5, '0')}`), bytes(`value-${i}`));
  }
  batch.write({ sync: false });
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(RaftError);
  return error instanceof RaftError ? error.code : '';
}

describe('opening', () => {
  it('makes missing directories and finds again what was written', async () => {
    const path = join(directory, 'a', 'b');
    const first = await open(path);
    fill(first, 3);
    await first.close();
    const second = await open(path);
    expect(second.getManySync([bytes('key-00002')])).toEqual([bytes('value-2')]);
  });

  it('refuses a directory that this process has open', async () => {
    await open();
    expect(await codeOf(open())).toBe('DATABASE_LOCKED');
  });

  it('refuses a directory that another process has open', async () => {
    const database = await open();
    const script = `
      const { RocksDatabase } = await import(${JSON.stringify(new URL('./database.js', import.meta.url).href)});
      await RocksDatabase.open({ directory: ${JSON.stringify(directory)} })
        .then(() => console.log('opened'), (error) => console.log(error.code));`;
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
    expect(child.stdout.toString().trim()).toBe('DATABASE_LOCKED');
    await database.close();
  });

  it('names the path when the directory cannot be made', async () => {
    const file = join(directory, 'file');
    await writeFile(file, '');
    const error = await open(join(file, 'below')).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'DATABASE_FAILED' });
    expect(String(error)).toContain(join(file, 'below'));
  });

  it.each([0, 1.5, 2 ** 32, Number.NaN])('rejects a budget of %s bytes', async (budget) => {
    const opened = RocksDatabase.open({ directory, memtableBudgetBytes: budget });
    expect(await codeOf(opened)).toBe('OPTIONS_INVALID');
  });

  it('sets up what durability and memory limits stand on', async () => {
    await open();
    const options = (await readdir(directory)).filter((name) => name.startsWith('OPTIONS')).at(-1);
    const text = await readFile(join(directory, options ?? ''), 'utf8');
    expect(text).toContain('compaction_style=kCompactionStyleLevel');
    expect(text).toContain('wal_recovery_mode=kPointInTimeRecovery');
    expect(text).toContain('avoid_flush_during_recovery=false');
    expect(text).toContain('cache_index_and_filter_blocks=true');
  });
});

describe('reading and writing', () => {
  it('gives values in the order of the keys, undefined for missing ones', async () => {
    const database = await open();
    fill(database, 10);
    const keys = [bytes('key-00007'), bytes('none'), bytes('key-00001')];
    const expected = [bytes('value-7'), undefined, bytes('value-1')];
    expect(database.getManySync(keys)).toEqual(expected);
    expect(await database.getMany(keys)).toEqual(expected);
    expect(database.getManySync([])).toEqual([]);
    expect(await database.getMany([])).toEqual([]);
  });

  it('keeps empty values, and keys and values with any bytes', async () => {
    const database = await open();
    const batch = database.batch();
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    batch.put(all, new Uint8Array(0));
    batch.put(bytes('big'), Buffer.alloc(3_000_000, 7));
    batch.write({ sync: true });
    const [empty, big] = await database.getMany([all, bytes('big')]);
    expect(empty?.byteLength).toBe(0);
    expect(big?.equals(Buffer.alloc(3_000_000, 7))).toBe(true);
  });

  it('reads keys out of a shared buffer and of views with an offset', async () => {
    const database = await open();
    const shared = Buffer.from(new SharedArrayBuffer(64));
    shared.write('..key-00003..', 'latin1');
    fill(database, 5);
    expect(database.getManySync([shared.subarray(2, 11)])).toEqual([bytes('value-3')]);
    const batch = database.batch();
    batch.put(shared.subarray(2, 5), shared.subarray(6, 11));
    batch.write({ sync: false });
    expect(database.getManySync([bytes('key')])).toEqual([bytes('00003')]);
  });

  it('writes a batch as a whole, and lets it be used again', async () => {
    const database = await open();
    const batch = database.batch();
    batch.put(bytes('a'), bytes('1'));
    batch.put(bytes('b'), bytes('2'));
    expect(database.getManySync([bytes('a')])).toEqual([undefined]);
    batch.write({ sync: true });
    batch.clear();
    batch.delete(bytes('a'));
    batch.put(bytes('b'), bytes('3'));
    batch.write({ sync: false });
    expect(database.getManySync([bytes('a'), bytes('b')])).toEqual([undefined, bytes('3')]);
  });

  it('applies what one batch says about a key in order', async () => {
    const database = await open();
    const batch = database.batch();
    batch.put(bytes('a'), bytes('1'));
    batch.delete(bytes('a'));
    batch.put(bytes('b'), bytes('1'));
    batch.delete(bytes('b'));
    batch.put(bytes('b'), bytes('2'));
    batch.write({ sync: false });
    expect(database.getManySync([bytes('a'), bytes('b')])).toEqual([undefined, bytes('2')]);
  });

  it('deletes all rows of a range, also those in files, and those only', async () => {
    const database = await open();
    fill(database, 10);
    await database.close();
    const again = await open();
    again.deleteRange(bytes('key-00002'), bytes('key-00007'));
    again.deleteRange(bytes('key-00008'), bytes('key-00008'));
    again.deleteRange(bytes('key-00009'), bytes('key-00000'));
    const batch = again.batch();
    batch.put(bytes('key-00003'), bytes('again'));
    batch.write({ sync: true });
    const left = () => {
      using range = again.range();
      return range.nextPageSync().map((row) => row.key.toString().at(-1));
    };
    expect(left()).toEqual(['0', '1', '3', '7', '8', '9']);
    again.deleteRange(new Uint8Array(0), Uint8Array.of(0xff));
    expect(left()).toEqual([]);
  });

  it('rejects an aborted read at once, and closes after it', async () => {
    const database = await open();
    fill(database, 10);
    await expect(database.getMany([bytes('a')], AbortSignal.abort())).rejects.toThrow('aborted');
    const controller = new AbortController();
    const read = database.getMany([bytes('key-00001')], controller.signal);
    controller.abort(new Error('enough'));
    await expect(read).rejects.toThrow('enough');
    await database.close();
  });
});

describe('ranges', () => {
  it('respects its bounds', async () => {
    const database = await open();
    fill(database, 10);
    const keys = (options: Parameters<RocksDatabase['range']>[0]) => {
      using range = database.range(options);
      return range.nextPageSync().map((row) => row.key.toString());
    };
    const [two, four] = [bytes('key-00002'), bytes('key-00004')];
    expect(keys({ gte: two, lt: four })).toEqual(['key-00002', 'key-00003']);
    expect(keys({ gte: bytes('key-00009') })).toEqual(['key-00009']);
    expect(keys({ lt: bytes('key-00001') })).toEqual(['key-00000']);
    expect(keys({ gte: four, lt: two })).toEqual([]);
    expect(keys({})).toHaveLength(10);
  });

  it('reads pages on and off the calling thread', async () => {
    const database = await open();
    fill(database, 25);
    using sync = database.range({ pageRows: 10 });
    using asynchronous = database.range({ pageRows: 10 });
    for (const length of [10, 10, 5, 0]) {
      expect(sync.nextPageSync()).toHaveLength(length);
      expect(await asynchronous.nextPage()).toHaveLength(length);
    }
    expect(sync.finished).toBe(true);
    expect(asynchronous.finished).toBe(true);
  });

  it('leaves keys out when told to', async () => {
    const database = await open();
    fill(database, 2);
    using range = database.range({ keys: false });
    const values = range.nextPageSync().map((row) => [row.key.byteLength, row.value.toString()]);
    expect(values).toEqual([
      [0, 'value-0'],
      [0, 'value-1'],
    ]);
    using asynchronous = database.range({ keys: false, fillCache: true });
    expect((await asynchronous.nextPage()).map((row) => row.key.byteLength)).toEqual([0, 0]);
  });

  it('ends a page that holds enough bytes', async () => {
    const database = await open();
    fill(database, 25);
    using range = database.range({ pageBytes: 40 });
    expect(range.nextPageSync()).toHaveLength(3);
    expect(await range.nextPage()).toHaveLength(3);
  });

  it('shows the moment at which it was made', async () => {
    const database = await open();
    fill(database, 20);
    using range = database.range({ pageRows: 5 });
    const batch = database.batch();
    for (let i = 0; i < 20; i++) batch.delete(bytes(`key-${String(i).padStart(5, '0')}`));
    batch.put(bytes('key-new'), bytes(''));
    batch.write({ sync: false });
    const keys: string[] = [];
    while (!range.finished) keys.push(...(await range.nextPage()).map((row) => row.key.toString()));
    expect(keys).toHaveLength(20);
    expect(keys.at(-1)).toBe('key-00019');
  });

  it('refuses a second page at a time, and any after it was closed', async () => {
    const database = await open();
    fill(database, 20);
    const range = database.range({ pageRows: 5 });
    const page = range.nextPage();
    expect(() => range.nextPageSync()).toThrow('being read');
    range.close();
    range.close();
    expect(await page).toHaveLength(5);
    expect(await codeOf(range.nextPage())).toBe('DATABASE_CLOSED');
  });

  it('is closed by an abort', async () => {
    const database = await open();
    fill(database, 20);
    const range = database.range();
    const controller = new AbortController();
    const page = range.nextPage(controller.signal);
    controller.abort(new Error('enough'));
    await expect(page).rejects.toThrow('enough');
    expect(() => range.nextPageSync()).toThrow('closed');
  });
});

describe('closing', () => {
  it('waits for reads, closes ranges and refuses what comes after', async () => {
    const database = await open();
    fill(database, 1000);
    const batch = database.batch();
    const idle = database.range();
    const busy = database.range();
    const page = busy.nextPage();
    const values = database.getMany([bytes('key-00001')]);
    await Promise.all([database.close(), database.close()]);
    expect(await page).toHaveLength(1000);
    expect(await values).toEqual([bytes('value-1')]);
    expect(() => idle.nextPageSync()).toThrow('closed');
    expect(() => database.getManySync([])).toThrow('closed');
    expect(() => database.range()).toThrow('closed');
    expect(() => database.batch()).toThrow('closed');
    expect(() => database.handle).toThrow('closed');
    expect(() => batch.write({ sync: false })).toThrow('closed');
    expect(() => database.deleteRange(bytes('a'), bytes('b'))).toThrow('closed');
    expect(await codeOf(database.getMany([]))).toBe('DATABASE_CLOSED');
  });
});

describe('a file with a wrong byte', () => {
  beforeEach(async () => {
    const database = await open();
    fill(database, 2000);
    await database.close();
    // Opening writes what the write-ahead log held to a file.
    await (await open()).close();
    const name = (await readdir(directory)).find((one) => one.endsWith('.sst')) ?? '';
    const content = await readFile(join(directory, name));
    content[500] = (content[500] ?? 0) ^ 1;
    await writeFile(join(directory, name), content);
  });

  it('is DATABASE_CORRUPT to synchronous reads and to ranges', async () => {
    const database = await open();
    expect(() => database.getManySync([bytes('key-00001')])).toThrow('checksum');
    using sync = database.range();
    expect(() => sync.nextPageSync()).toThrow('checksum');
    using asynchronous = database.range();
    expect(await codeOf(asynchronous.nextPage())).toBe('DATABASE_CORRUPT');
  });

  it('is DATABASE_CORRUPT to asynchronous reads, of which the others are answered', async () => {
    const database = await open();
    const answers = await Promise.all(
      ['key-00001', 'key-01999', 'key-00002', 'none'].map((key) =>
        database.getMany([bytes(key)]).catch((error: RaftError) => error.code),
      ),
    );
    expect(answers).toEqual([
      'DATABASE_CORRUPT',
      [bytes('value-1999')],
      'DATABASE_CORRUPT',
      [undefined],
    ]);
    expect(process.hasUncaughtExceptionCaptureCallback()).toBe(false);
  });

  it('leaves other exceptions alone that are thrown while it is read', () => {
    const script = `
      const { RocksDatabase } = await import(${JSON.stringify(new URL('./database.js', import.meta.url).href)});
      const database = await RocksDatabase.open({ directory: ${JSON.stringify(directory)} });
      if (process.argv[1] === 'listen') process.on('uncaughtException', (error, origin) => console.log(\`heard \${error}, \${origin}\`));
      process.nextTick(() => { throw new Error('of the program'); });
      const read = database.getMany([Buffer.from('key-00001')]);
      console.log(await read.catch((error) => error.code));`;
    const run = (...args: string[]) => {
      const child = spawnSync(process.execPath, ['--input-type=module', '-e', script, ...args]);
      return [child.status, child.stdout.toString(), child.stderr.toString()];
    };
    expect(run('listen')).toEqual([
      0,
      'heard Error: of the program, uncaughtException\nDATABASE_CORRUPT\n',
      '',
    ]);
    expect(run()).toEqual([7, '', expect.stringContaining('of the program')]);
  });
});

describe('a file that is missing', () => {
  beforeEach(async () => {
    const database = await open();
    fill(database, 2000);
    await database.close();
    await (await open()).close();
  });

  const named = async (pattern: RegExp) => {
    const name = (await readdir(directory)).find((one) => pattern.test(one));
    return join(directory, name ?? '');
  };

  it('is missed though no list of files is left either', async () => {
    await rm(await named(/^CURRENT$/));
    await rm(await named(/^MANIFEST/));
    expect(await codeOf(open())).toBe('DATABASE_CORRUPT');
  });

  it.each([/^CURRENT$/, /^MANIFEST/, /\.sst$/])('%s is DATABASE_CORRUPT', async (pattern) => {
    await rm(await named(pattern));
    const before = await readdir(directory);
    expect(await codeOf(open())).toBe('DATABASE_CORRUPT');
    // Nothing is removed of what is left, for those who look into it.
    expect(await readdir(directory)).toEqual(expect.arrayContaining(before));
  });

  it.each([/^CURRENT$/, /^MANIFEST/, /\.sst$/, /^LOCK$/])(
    '%s is DATABASE_CORRUPT where a directory is in its place',
    async (pattern) => {
      const path = await named(pattern);
      await rm(path);
      await mkdir(path);
      expect(await codeOf(open())).toBe('DATABASE_CORRUPT');
    },
  );

  it.each([/^CURRENT$/, /^MANIFEST/, /\.sst$/, /^LOCK$/])(
    '%s is DATABASE_CORRUPT where a socket, a link to a device or to itself is in its place',
    async (pattern) => {
      const path = await named(pattern);
      await putSocket(path);
      expect(await codeOf(open())).toBe('DATABASE_CORRUPT');
      await rm(path);
      await symlink('/dev/null', path);
      expect(await codeOf(open())).toBe('DATABASE_CORRUPT');
      await rm(path);
      await symlink(basename(path), path);
      expect(await codeOf(open())).toBe('DATABASE_CORRUPT');
    },
  );
});

describe('another thread', () => {
  it('uses the same database by its handle', async () => {
    const database = await open();
    const script = `
      const { parentPort, workerData } = require('node:worker_threads');
      import(workerData.module).then(async ({ RocksDatabase }) => {
        const database = RocksDatabase.fromHandle(workerData.handle, 'shared');
        const batch = database.batch();
        batch.put(Buffer.from('from'), Buffer.from('worker'));
        batch.write({ sync: true });
        await database.close();
        parentPort.postMessage('done');
      });`;
    const worker = new Worker(script, {
      eval: true,
      workerData: {
        module: new URL('./database.js', import.meta.url).href,
        handle: database.handle,
      },
    });
    await new Promise((resolve, reject) => worker.once('exit', resolve).once('error', reject));
    expect(database.getManySync([bytes('from')])).toEqual([bytes('worker')]);
  });
});
