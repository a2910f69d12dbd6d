import assert from 'node:assert/strict';
import { rejectsWith, type StorageCases } from './storage-bench.js';

export const changeCases: StorageCases = {
  'makes a directory only where there is one to make it in, and nothing else': async (bench) => {
    await bench.makeDirectory('d');
    await bench.makeDirectory('d/e');
    await bench.home.writeFile('f', 'x');
    assert.equal((await bench.entry('d/e')).type, 'directory');
    await rejectsWith('ALREADY_EXISTS', bench.makeDirectory('d'));
    await rejectsWith('ALREADY_EXISTS', bench.makeDirectory('f'));
    await rejectsWith('ALREADY_EXISTS', bench.makeDirectory(''));
    await rejectsWith('NOT_FOUND', bench.makeDirectory('nothing/e'));
    await rejectsWith('NOT_A_DIRECTORY', bench.makeDirectory('f/e'));
    assert.deepEqual(await bench.tree(''), ['d/', 'd/e/', 'f=x']);
  },

  'of many that make one directory, one does': async (bench) => {
    const made = await Promise.allSettled(
      Array.from({ length: 8 }, () => bench.makeDirectory('d')),
    );
    assert.equal((await bench.entry('d')).type, 'directory');
    const failures = made.flatMap((each) => (each.status === 'rejected' ? [each.reason.code] : []));
    for (const code of failures) assert.ok(code === 'ALREADY_EXISTS' || code === 'BUSY', code);
    assert.ok(failures.length < made.length);
  },

  'removes files and empty directories, one by one': async (bench) => {
    await bench.home.writeFile('d/f', 'x');
    await bench.makeDirectory('d/e');
    await rejectsWith('NOT_EMPTY', bench.removeEntry('d'));
    await bench.removeEntry('d/f');
    await bench.removeEntry('d/e');
    await bench.removeEntry('d');
    assert.equal(await bench.stat('d'), undefined);
    await rejectsWith('NOT_FOUND', bench.removeEntry('d'));
    await rejectsWith('NOT_FOUND', bench.removeEntry('d', true));
    await rejectsWith('NOT_FOUND', bench.removeEntry('nothing/at/all'));
  },

  'a directory stays when the last entry in it is removed': async (bench) => {
    // By writing alone: nobody made the directories.
    await bench.home.writeFile('a/b/f', 'x');
    await bench.removeEntry('a/b/f');
    assert.deepEqual(await bench.tree(''), ['a/', 'a/b/']);
    await bench.removeEntry('a/b');
    assert.deepEqual(await bench.tree(''), ['a/']);
    await bench.home.writeFile('c/d/e', 'x');
    await bench.removeEntry('c/d', true);
    assert.deepEqual(await bench.tree(''), ['a/', 'c/']);
  },

  'removes a directory with all below it, and tells how far it is': async (bench) => {
    const paths = Array.from({ length: 60 }, (_, i) => `d/${i % 7}/${i % 5}/${i}`);
    await bench.writeFiles(paths, () => 'x');
    // A name that begins as the directory's does.
    await bench.writeFiles(['d-other', 'd0/x'], () => 'x');
    const told: number[] = [];
    const onProgress = (entries: number) => void told.push(entries);
    await bench.storage.remove('d', { recursive: true, onProgress }, bench.signal);
    assert.deepEqual(await bench.tree(''), ['d-other=x', 'd0/', 'd0/x=x']);
    const least = bench.home.inOneStep ? 1 : paths.length;
    assert.ok((told.at(-1) ?? 0) >= least);
    assert.deepEqual(
      told,
      [...told].sort((a, b) => a - b),
    );
    await bench.removeEntry('d-other', true);
    assert.deepEqual(await bench.names(''), ['d0']);
  },

  'a removal that was given up is finished by another': async (bench) => {
    const paths = Array.from({ length: 60 }, (_, i) => `d/${i % 7}/${i}`);
    await bench.writeFiles(paths, () => 'x');
    const controller = new AbortController();
    const reason = new Error('given up');
    const onProgress = () => controller.abort(reason);
    const removal = bench.storage.remove('d', { recursive: true, onProgress }, controller.signal);
    await removal.catch((error) => assert.equal(error, reason));
    if ((await bench.stat('d')) !== undefined) await bench.removeEntry('d', true);
    assert.deepEqual(await bench.names(''), []);
  },

  'keeps the place itself': async (bench) => {
    await bench.home.writeFile('f', 'x');
    await rejectsWith('UNSUPPORTED', bench.removeEntry('', true));
    await rejectsWith('UNSUPPORTED', bench.copy('', 'd'));
    await rejectsWith('UNSUPPORTED', bench.removeCopied('', 'd'));
    await rejectsWith('UNSUPPORTED', bench.storage.rename('', 'd', bench.signal));
    await rejectsWith('IS_A_DIRECTORY', bench.storage.location('', 'read', bench.signal));
    assert.deepEqual(await bench.tree(''), ['f=x']);
  },

  'content is written and read where it says': async (bench) => {
    await bench.makeDirectory('d');
    await bench.write('d/f', 'first');
    assert.equal(await bench.read('d/f'), 'first');
    const { size, fingerprint } = await bench.entry('d/f');
    assert.equal(size, 5);
    await bench.write('d/f', 'again');
    assert.equal(await bench.read('d/f'), 'again');
    assert.notEqual((await bench.entry('d/f')).fingerprint, fingerprint);
    const { kind, validMs } = await bench.storage.location('d/f', 'read', bench.signal);
    if (validMs !== undefined) assert.ok(kind === 'url' && validMs > 0);
  },
};
