import assert from 'node:assert/strict';
import { MAX_FINGERPRINT_CHARACTERS, type StorageEntry } from '../storage.js';
import { rejectsWith, type StorageCases } from './storage-bench.js';

function assertSound(entry: StorageEntry): void {
  if (entry.modifiedMs !== undefined) {
    assert.ok(Number.isSafeInteger(entry.modifiedMs));
    assert.ok(Math.abs(Date.now() - entry.modifiedMs) < 24 * 3600 * 1000, 'not of today');
  }
  if (entry.mode !== undefined) assert.ok(entry.mode >= 0 && entry.mode <= 0o7777);
  assert.match(entry.fingerprint, /^[\x20-\x7e]*$/);
  assert.ok(entry.fingerprint.length <= MAX_FINGERPRINT_CHARACTERS);
  assert.equal(entry.fingerprint !== '', entry.type === 'file');
  assert.equal(entry.target !== undefined, entry.type === 'symlink');
  if (entry.type !== 'file') assert.equal(entry.size, 0);
}

export const statCases: StorageCases = {
  'the place itself is a directory without a name': async (bench) => {
    const place = await bench.entry('');
    assert.equal(place.name, '');
    assert.equal(place.type, 'directory');
    assertSound(place);
  },

  'tells of a file and of the directories above it': async (bench) => {
    await bench.home.writeFile('a/b/file', 'hello');
    const file = await bench.entry('a/b/file');
    assert.deepEqual(
      { name: file.name, type: file.type, size: file.size },
      { name: 'file', type: 'file', size: 5 },
    );
    assertSound(file);
    for (const path of ['a', 'a/b']) {
      const directory = await bench.entry(path);
      assert.equal(directory.type, 'directory');
      assert.equal(directory.name, path.at(-1));
      assertSound(directory);
    }
  },

  'says that nothing is there': async (bench) => {
    await bench.home.writeFile('file-1', 'x');
    await bench.home.writeFile('directory-1/x', 'x');
    // Beginnings of names that are there, paths through what is no directory, and paths through nothing.
    for (const path of ['file', 'directory', 'directory-1/y', 'file-1/x', 'nothing/at/all']) {
      assert.equal(await bench.stat(path), undefined, path);
    }
  },

  'tells of an empty file': async (bench) => {
    await bench.home.writeFile('empty', '');
    const entry = await bench.entry('empty');
    assert.deepEqual([entry.type, entry.size], ['file', 0]);
    assertSound(entry);
  },

  'a fingerprint stays while the content does, and changes with it at the same size': async (
    bench,
  ) => {
    await bench.home.writeFile('file', 'aaaa');
    const before = await bench.entry('file');
    assert.deepEqual(await bench.entry('file'), before);
    await bench.home.writeFile('file', 'bbbb');
    const after = await bench.entry('file');
    assert.equal(after.size, before.size);
    assert.notEqual(after.fingerprint, before.fingerprint);
    assert.equal((await bench.list('')).get('file')?.fingerprint, after.fingerprint);
  },

  'tells of a symbolic link, and never goes through one': async (bench) => {
    const { makeSymlink, writeFile } = bench.home;
    if (makeSymlink === undefined) return;
    await writeFile.call(bench.home, 'directory/file', 'x');
    await makeSymlink.call(bench.home, 'link', 'directory');
    await makeSymlink.call(bench.home, 'dangling', 'no where/ü');
    const link = await bench.entry('link');
    assert.deepEqual([link.type, link.target, link.size], ['symlink', 'directory', 0]);
    assertSound(link);
    assert.equal((await bench.entry('dangling')).target, 'no where/ü');
    assert.equal(await bench.stat('link/file'), undefined);
    await rejectsWith('NOT_A_DIRECTORY', bench.pages('link'));
    await rejectsWith('NOT_A_DIRECTORY', bench.makeDirectory('link/new'));
    await rejectsWith('NOT_FOUND', bench.removeEntry('link/file'));
    assert.deepEqual(await bench.tree(''), [
      'dangling@',
      'directory/',
      'directory/file=x',
      'link@',
    ]);
    await bench.removeEntry('link', true);
    assert.deepEqual(await bench.names('directory'), ['file']);
  },
};
