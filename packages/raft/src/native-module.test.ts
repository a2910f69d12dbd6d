import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));
/** MessagePack's, to read long texts faster: loaded where it can be, and not needed. */
const OPTIONAL = 'msgpackr-extract';

/** The native modules that a process of its own has loaded after `code`. */
async function loadedBy(code: string, ...flags: readonly string[]): Promise<readonly string[]> {
  const script = `${code}
    const { sharedObjects } = process.report.getReport();
    console.log(JSON.stringify(sharedObjects.filter((path) => path.endsWith('.node'))));`;
  const args = [...flags, '--input-type=module', '--eval', script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: PACKAGE });
  const loaded: readonly string[] = JSON.parse(stdout);
  return loaded.filter((path) => !path.includes(OPTIONAL));
}

const DATABASE = `const { RocksDatabase } = await import('raft-ts/rocksdb');
  await RocksDatabase.open({ directory: '/dev/null/none' }).catch((error) => {
    if (error.code !== 'DATABASE_FAILED') throw error;
  });`;

it('raft-ts, its core and its suites load no native module, and need none', async () => {
  const entries = ['raft-ts', 'raft-ts/core', 'raft-ts/testing'];
  const code = entries.map((entry) => `await import('${entry}');`).join('\n');
  expect(await loadedBy(code)).toEqual([]);
  expect(await loadedBy(code, '--no-addons')).toEqual([]);
});

it('raft-ts/rocksdb loads one', async () => {
  expect(await loadedBy(DATABASE)).toHaveLength(1);
});
