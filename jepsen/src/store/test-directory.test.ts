import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { forgetOldTests, storedTests, storedVerdict } from './stored-tests.js';
import { TestDirectory } from './test-directory.js';

describe('the store', () => {
  let store: string;
  beforeEach(async () => {
    store = await realpath(await mkdtemp(join(tmpdir(), 'jepsen-store-')));
  });
  afterEach(() => rm(store, { recursive: true }));

  const create = (minute: number, test = 'register-none') =>
    TestDirectory.create(store, test, new Date(Date.UTC(2030, 1, 1, 0, minute)));

  async function createJudged(minute: number, verdict: string) {
    const directory = await create(minute);
    await writeFile(directory.file('results.json'), JSON.stringify({ verdict }));
    return directory.path;
  }

  it('keeps each test in a directory of its own, and the latest is known', async () => {
    const first = await create(1);
    const second = await create(2);
    expect(first.path).toBe(join(store, 'register-none', '2030-02-01T00.01.00.000Z'));
    expect(await realpath(join(store, 'latest'))).toBe(second.path);
    expect(await realpath(join(store, 'register-none', 'latest'))).toBe(second.path);
    // The store can be moved as a whole.
    expect(await readlink(join(store, 'latest'))).not.toContain(store);
    expect((await storedTests(store)).map(({ path }) => path)).toEqual([first.path, second.path]);
  });

  it('keeps tests apart that begin in the same millisecond', async () => {
    const first = await create(1);
    const second = await create(1);
    expect(second.path).not.toBe(first.path);
    expect((await storedTests(store)).map(({ path }) => path)).toEqual([first.path, second.path]);
  });

  it('knows the verdict of a test and of a matrix, where there is one', async () => {
    expect(await storedVerdict(await createJudged(1, 'unknown'))).toBe('unknown');
    const unfinished = await create(2, 'matrix');
    expect(await storedVerdict(unfinished.path)).toBeUndefined();
    await unfinished.write('matrix.json', '{"cells":[]}');
    expect(await storedVerdict(unfinished.path)).toBeUndefined();
    await unfinished.write('matrix.json', '{"verdict":"invalid"}');
    expect(await storedVerdict(unfinished.path)).toBe('invalid');
  });

  it('has nothing left of a test that is discarded, and all of others', async () => {
    const first = await create(1);
    const second = await create(2);
    await second.discard();
    expect((await storedTests(store)).map(({ path }) => path)).toEqual([first.path]);
    await expect(readlink(join(store, 'latest'))).rejects.toMatchObject({ code: 'ENOENT' });
    const third = await create(3, 'set-none');
    await first.discard();
    expect(await realpath(join(store, 'latest'))).toBe(third.path);
    expect(await readdir(store)).toEqual(['latest', 'set-none']);
  });

  it('writes a file in one step', async () => {
    const directory = await create(1);
    await directory.write('report.html', 'all of it');
    expect(await readFile(directory.file('report.html'), 'utf8')).toBe('all of it');
  });

  it('forgets valid tests beyond its limits, the oldest first, and no violation', async () => {
    const violation = await createJudged(1, 'invalid');
    const old = await createJudged(2, 'valid');
    const unfinished = (await create(3)).path;
    const last = await createJudged(4, 'valid');
    const removed = await forgetOldTests(store, { maxTests: 3, maxBytes: 1024 ** 3 });
    expect(removed.map(({ path }) => path)).toEqual([old]);
    const left = (await storedTests(store)).map(({ path }) => path);
    expect(left).toEqual([violation, unfinished, last]);
  });

  it('forgets tests that take too much room', async () => {
    const old = await createJudged(1, 'valid');
    await writeFile(join(old, 'history.ndjson'), 'x'.repeat(1000));
    const last = await createJudged(2, 'valid');
    await forgetOldTests(store, { maxTests: 10, maxBytes: 500 });
    expect((await storedTests(store)).map(({ path }) => path)).toEqual([last]);
  });

  it('is cleared by several programs at once', async () => {
    for (let minute = 0; minute < 20; minute++) {
      const path = await createJudged(minute, 'valid');
      for (const member of ['n1', 'n2', 'n3'])
        await mkdir(join(path, member, 'data', 'log'), { recursive: true });
    }
    const none = { maxTests: 0, maxBytes: 0 };
    await Promise.all(
      Array.from({ length: 8 }, async (_, program) => {
        for (let turn = 0; turn < program * 4; turn++) await storedTests(store);
        await forgetOldTests(store, none);
      }),
    );
    expect(await storedTests(store)).toEqual([]);
  });

  it('has nothing where there is none', async () => {
    expect(await storedTests(join(store, 'missing'))).toEqual([]);
  });

  it('says where it could not be', async () => {
    await writeFile(join(store, 'file'), '');
    const failing = TestDirectory.create(join(store, 'file'), 'test', new Date());
    await expect(failing).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });
});
