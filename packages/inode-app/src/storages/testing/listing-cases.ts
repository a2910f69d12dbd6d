import assert from 'node:assert/strict';
import { firstPage, rejectsWith, type StorageCases } from './storage-bench.js';

/** More than two pages of any server. */
const MANY = 2_100;

export const listingCases: StorageCases = {
  'lists what stat tells, and no more': async (bench) => {
    await bench.home.writeFile('d/file', 'hello');
    await bench.home.writeFile('d/e/deeper', 'x');
    await bench.makeDirectory('d/empty');
    await bench.home.makeSymlink?.('d/link', 'file');
    const entries = await bench.list('d');
    const links = bench.home.makeSymlink === undefined ? [] : ['link'];
    assert.deepEqual([...entries.keys()].sort(), ['e', 'empty', 'file', ...links]);
    for (const [name, entry] of entries) {
      assert.deepEqual(entry, await bench.entry(`d/${name}`));
    }
    assert.deepEqual(await bench.skipped('d'), []);
    assert.deepEqual(await bench.names(''), ['d']);
  },

  'an empty directory is there, and lists as such': async (bench) => {
    assert.deepEqual(await bench.names(''), []);
    await bench.makeDirectory('empty');
    assert.deepEqual(await bench.names('empty'), []);
    assert.deepEqual(await bench.names(''), ['empty']);
  },

  'lists a large directory in pages, each entry once': async (bench) => {
    const files = Array.from({ length: MANY }, (_, i) => `large/file-${i}`);
    await bench.writeFiles(files, () => 'x');
    // Names between which an order by bytes puts others.
    await bench.writeFiles(['large/file-1-', 'large/sub/x', 'large/sub-x'], () => 'x');
    const names = await bench.names('large');
    const expected = [...files, 'large/file-1-', 'large/sub', 'large/sub-x'];
    assert.deepEqual(names, expected.map((path) => path.slice('large/'.length)).sort());
    // Whoever has seen enough goes away.
    assert.ok((await firstPage(bench.storage.list('large', bench.signal))).entries.length > 0);
    await bench.removeEntry('large', true);
    assert.deepEqual(await bench.names(''), []);
  },

  'refuses to list what is no directory': async (bench) => {
    await bench.home.writeFile('file', 'x');
    await rejectsWith('NOT_A_DIRECTORY', bench.pages('file'));
    await rejectsWith('NOT_FOUND', bench.pages('nothing'));
  },
};
