import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));
/** MessagePack's: loaded where it can be, and not needed. */
const OPTIONAL = 'msgpackr-extract';

it('@raft-ts/statemachine loads no native module', async () => {
  const script = `await import('@raft-ts/statemachine');
    const { sharedObjects } = process.report.getReport();
    console.log(JSON.stringify(sharedObjects.filter((path) => path.endsWith('.node'))));`;
  const args = ['--input-type=module', '--eval', script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: PACKAGE });
  const loaded: readonly string[] = JSON.parse(stdout);
  expect(loaded.filter((path) => !path.includes(OPTIONAL))).toEqual([]);
});
