import assert from 'node:assert/strict';
import { ODD_NAMES, type OddName, PATHS_OF_NONE } from './odd-names.js';
import { rejectsWith, type StorageBench, type StorageCases } from './storage-bench.js';

function oddNames({ home }: StorageBench, isRefused: boolean): readonly string[] {
  const names = Object.keys(ODD_NAMES) as OddName[];
  return names
    .filter((name) => home.refusedNames.includes(name) === isRefused)
    .filter((name) => home.untriedNames?.includes(name) !== true)
    .map((name) => ODD_NAMES[name]);
}

async function refuses(bench: StorageBench, path: string): Promise<void> {
  const { storage, signal } = bench;
  const fault = storage.pathFault(path);
  assert.ok(fault !== undefined && fault !== '', `${JSON.stringify(path)} has no fault`);
  await bench.home.writeFile('present', 'x');
  await rejectsWith('UNSUPPORTED', bench.stat(path));
  await rejectsWith('UNSUPPORTED', bench.pages(path));
  await rejectsWith('UNSUPPORTED', bench.makeDirectory(path));
  await rejectsWith('UNSUPPORTED', bench.removeEntry(path, true));
  await rejectsWith('UNSUPPORTED', storage.rename('present', path, signal));
  await rejectsWith('UNSUPPORTED', bench.copy('present', path));
  await rejectsWith('UNSUPPORTED', bench.copy(path, 'other'));
  await rejectsWith('UNSUPPORTED', bench.removeCopied(path, 'other'));
  await rejectsWith('UNSUPPORTED', storage.location(path, 'write', signal));
}

export const nameCases: StorageCases = {
  'holds odd names, each as it is': async (bench) => {
    const names = oddNames(bench, false);
    for (const name of names) {
      assert.equal(bench.storage.pathFault(name), undefined, JSON.stringify(name));
      await bench.makeDirectory(name);
      await bench.write(`${name}/${name}`, name);
    }
    assert.deepEqual(await bench.names(''), [...names].sort());
    for (const name of names) {
      const path = `${name}/${name}`;
      const entry = await bench.entry(path);
      assert.equal(entry.name, name);
      assert.deepEqual([...(await bench.list(name)).values()], [entry]);
      assert.equal(await bench.read(path), Buffer.from(name).toString());
    }
  },

  'moves and removes what has odd names': async (bench) => {
    for (const name of oddNames(bench, false)) {
      await bench.home.writeFile(`source/${name}/${name}`, name);
    }
    const before = await bench.tree('source');
    if (bench.home.inOneStep) {
      await bench.storage.rename('source', 'destination', bench.signal);
    } else {
      await bench.copy('source', 'destination');
      assert.equal(await bench.removeCopied('source', 'destination'), 0);
    }
    assert.deepEqual(await bench.tree('destination'), before);
    assert.deepEqual(await bench.names(''), ['destination']);
    for (const name of oddNames(bench, false)) {
      await bench.removeEntry(`destination/${name}/${name}`);
      await bench.removeEntry(`destination/${name}`);
    }
    assert.deepEqual(await bench.names('destination'), []);
  },

  'says which paths it can not hold, and refuses them': async (bench) => {
    for (const path of [...PATHS_OF_NONE, ...oddNames(bench, true)]) await refuses(bench, path);
    assert.deepEqual(await bench.tree(''), ['present=x']);
    assert.equal(bench.storage.pathFault(''), undefined);
  },
};
