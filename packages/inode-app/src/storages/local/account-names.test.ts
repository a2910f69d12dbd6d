import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { AccountNames } from './account-names.js';

it('names accounts by number, the first of several, and others by their number', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'accounts-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const file = join(directory, 'passwd');
  await writeFile(
    file,
    'root:x:0:0:root:/root:/bin/sh\ntoor:x:0:0::/:\n# none\nanna:x:1000:100:::\n',
  );
  const names = new AccountNames(file);
  await names.refresh();
  expect([0n, 1000n, 4294967294n].map((id) => names.nameOf(id))).toEqual([
    'root',
    'anna',
    '4294967294',
  ]);
});

it('a machine without the file has numbers', async () => {
  const names = new AccountNames('/no/such/file');
  await names.refresh();
  expect(names.nameOf(0n)).toBe('0');
});
