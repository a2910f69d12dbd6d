import assert from 'node:assert/strict';
import { rejectsWith, type StorageCases } from './storage-bench.js';

export const renameCases: StorageCases = {
  'renames what its abilities say, and nothing else': async (bench) => {
    const { storage, signal } = bench;
    await bench.home.writeFile('f', 'x');
    await bench.home.writeFile('d/e/g', 'y');
    await bench.makeDirectory('to');
    const { files, directories } = storage.abilities.renames;
    if (files) await storage.rename('f', 'to/f', signal);
    else await rejectsWith('UNSUPPORTED', storage.rename('f', 'to/f', signal));
    if (directories) await storage.rename('d', 'to/d', signal);
    else await rejectsWith('UNSUPPORTED', storage.rename('d', 'to/d', signal));
    const top = [...(files ? [] : ['f=x']), ...(directories ? [] : ['d/', 'd/e/', 'd/e/g=y'])];
    const moved = [
      ...(files ? ['to/f=x'] : []),
      ...(directories ? ['to/d/', 'to/d/e/', 'to/d/e/g=y'] : []),
    ];
    assert.deepEqual(await bench.tree(''), [...top, 'to/', ...moved].sort());
  },

  'a rename never puts something in the place of another': async (bench) => {
    const { storage, signal } = bench;
    const { files, directories } = storage.abilities.renames;
    await bench.home.writeFile('f', 'x');
    await bench.home.writeFile('g', 'y');
    await bench.makeDirectory('d');
    await bench.makeDirectory('e');
    const before = await bench.tree('');
    const refused = async (source: string, destination: string) => {
      const able = source === 'f' ? files : directories;
      const code = able ? 'ALREADY_EXISTS' : 'UNSUPPORTED';
      await rejectsWith(code, storage.rename(source, destination, signal));
    };
    await refused('f', 'g');
    await refused('f', 'd');
    await refused('d', 'e');
    await refused('d', 'f');
    assert.deepEqual(await bench.tree(''), before);
  },

  'a rename from nowhere, to nowhere, or into itself is refused': async (bench) => {
    const { storage, signal } = bench;
    const { files, directories } = storage.abilities.renames;
    if (!files || !directories) return;
    await bench.home.writeFile('f', 'x');
    await bench.makeDirectory('d');
    await rejectsWith('NOT_FOUND', storage.rename('nothing', 'g', signal));
    await rejectsWith('NOT_FOUND', storage.rename('f', 'nothing/g', signal));
    await rejectsWith('NOT_A_DIRECTORY', storage.rename('d', 'f/g', signal));
    await rejectsWith('UNSUPPORTED', storage.rename('d', 'd/e', signal));
    assert.deepEqual(await bench.tree(''), ['d/', 'f=x']);
  },
};
