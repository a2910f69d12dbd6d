import assert from 'node:assert/strict';
import { rejectsWith, type StorageBench, type StorageCases } from './storage-bench.js';

const PATHS = Array.from({ length: 40 }, (_, i) => `${i % 3}/${i % 4}/${i}`);

/** A directory with files in several levels, an empty directory, and a link where there are links. */
async function makeTree(bench: StorageBench, directory: string): Promise<void> {
  await bench.writeFiles(
    PATHS.map((path) => `${directory}/${path}`),
    (path) => `content of ${path}`,
  );
  await bench.makeDirectory(`${directory}/empty`);
  await bench.home.makeSymlink?.(`${directory}/link`, '0');
}

const casesOfCopies: StorageCases = {
  'copies a file': async (bench) => {
    await bench.home.writeFile('f', 'x');
    await bench.makeDirectory('d');
    await bench.copy('f', 'd/g');
    assert.deepEqual(await bench.tree(''), ['d/', 'd/g=x', 'f=x']);
    // Once more: it is there already, and is as it was.
    const before = await bench.entry('d/g');
    await bench.copy('f', 'd/g');
    assert.deepEqual(await bench.entry('d/g'), before);
    assert.equal(await bench.removeCopied('f', 'd/g'), 0);
    assert.deepEqual(await bench.tree(''), ['d/', 'd/g=x']);
    assert.equal(await bench.removeCopied('f', 'd/g'), 0);
  },

  'copies a directory with all below it, and removes what it copied': async (bench) => {
    await makeTree(bench, 'source');
    await bench.home.writeFile('source-2/other', 'x');
    const expected = await bench.tree('source');
    const told: number[] = [];
    const onProgress = (entries: number) => void told.push(entries);
    await bench.storage.copy('source', 'destination', { onProgress }, bench.signal);
    assert.ok((told.at(-1) ?? 0) >= PATHS.length);
    assert.deepEqual(
      told,
      [...told].sort((a, b) => a - b),
    );
    assert.deepEqual(await bench.tree('destination'), expected);
    assert.deepEqual(await bench.tree('source'), expected);
    assert.equal(await bench.removeCopied('source', 'destination'), 0);
    assert.deepEqual(await bench.names(''), ['destination', 'source-2']);
    assert.deepEqual(await bench.tree('destination'), expected);
  },

  'a copy that was given up is finished by another': async (bench) => {
    await makeTree(bench, 'source');
    const expected = await bench.tree('source');
    const reason = new Error('given up');
    for (const enough of [1, 20]) {
      const controller = new AbortController();
      const onProgress = (entries: number) => {
        if (entries >= enough) controller.abort(reason);
      };
      const copy = bench.storage.copy('source', 'destination', { onProgress }, controller.signal);
      await copy.catch((error) => assert.equal(error, reason));
      assert.deepEqual(await bench.tree('source'), expected);
    }
    await bench.copy('source', 'destination');
    assert.deepEqual(await bench.tree('destination'), expected);

    const controller = new AbortController();
    const onProgress = () => controller.abort(reason);
    const removal = bench.storage.removeCopied(
      'source',
      'destination',
      { onProgress },
      controller.signal,
    );
    await removal.then(
      () => undefined,
      (error) => assert.equal(error, reason),
    );
    assert.equal(await bench.removeCopied('source', 'destination'), 0);
    assert.deepEqual(await bench.names(''), ['destination']);
    assert.deepEqual(await bench.tree('destination'), expected);
  },

  'what was not copied, or was changed since, stays': async (bench) => {
    await makeTree(bench, 'source');
    await bench.copy('source', 'destination');
    await bench.home.writeFile('source/0/0/0', 'changed since');
    await bench.home.writeFile('source/0/new', 'new');
    await bench.home.writeFile('source/later/new', 'new');
    assert.equal(await bench.removeCopied('source', 'destination'), 3);
    assert.deepEqual(await bench.tree('source'), [
      '0/',
      '0/0/',
      '0/0/0=changed since',
      '0/new=new',
      'later/',
      'later/new=new',
    ]);
    await rejectsWith('ALREADY_EXISTS', bench.copy('source', 'destination'));
    assert.equal(await bench.read('destination/0/0/0'), 'content of source/0/0/0');
  },

  'never copies over something else': async (bench) => {
    await bench.home.writeFile('f', 'aaaa');
    await bench.home.writeFile('g', 'bbbb');
    await bench.home.writeFile('d/x', 'x');
    const before = await bench.tree('');
    await rejectsWith('ALREADY_EXISTS', bench.copy('f', 'g'));
    await rejectsWith('ALREADY_EXISTS', bench.copy('f', 'd'));
    await rejectsWith('ALREADY_EXISTS', bench.copy('d', 'f'));
    assert.equal(await bench.removeCopied('f', 'g'), 1);
    assert.equal(await bench.removeCopied('f', 'nothing'), 1);
    assert.deepEqual(await bench.tree(''), before);
  },

  'a copy from nowhere, to nowhere, or into itself is refused': async (bench) => {
    await bench.home.writeFile('f', 'x');
    await bench.makeDirectory('d');
    await rejectsWith('NOT_FOUND', bench.copy('nothing', 'g'));
    await rejectsWith('NOT_FOUND', bench.copy('f', 'nothing/g'));
    await rejectsWith('NOT_A_DIRECTORY', bench.copy('d', 'f/g'));
    await rejectsWith('UNSUPPORTED', bench.copy('d', 'd/e'));
    assert.deepEqual(await bench.tree(''), ['d/', 'f=x']);
  },
};

export const copyCases: StorageCases = Object.fromEntries(
  Object.entries(casesOfCopies).map(([name, body]) => [
    name,
    (bench: StorageBench) => (bench.home.inOneStep ? copiesNothing(bench) : body(bench)),
  ]),
);

async function copiesNothing(bench: StorageBench): Promise<void> {
  await bench.home.writeFile('f', 'x');
  await rejectsWith('UNSUPPORTED', bench.copy('f', 'g'));
  await rejectsWith('UNSUPPORTED', bench.removeCopied('f', 'g'));
  assert.deepEqual(await bench.tree(''), ['f=x']);
}
