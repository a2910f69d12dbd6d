import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Random } from '../../random.js';
import { damageFile } from './damage-file.js';
import { DirectoryCopy } from './directory-copy.js';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'jepsen-damage-'));
  await mkdir(join(directory, 'log'));
  await writeFile(join(directory, 'log', 'a'), new Uint8Array(2_000));
  await writeFile(join(directory, 'empty'), '');
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

it('changes some bytes, in one place, and no other', async () => {
  const done = await damageFile(directory, 'corrupted', new Random(1));
  const bytes = await readFile(join(directory, 'log', 'a'));
  expect(bytes).toHaveLength(2_000);
  const changed = [...bytes.keys()].filter((at) => bytes[at] !== 0);
  expect(done).toEqual({
    damage: 'corrupted',
    file: join('log', 'a'),
    at: changed[0],
    length: changed.length,
  });
  expect((changed.at(-1) ?? 0) - (changed[0] ?? 0) + 1).toBe(changed.length);
});

it('cuts the end off', async () => {
  const done = await damageFile(directory, 'truncated', new Random(2));
  const { size } = await stat(join(directory, 'log', 'a'));
  expect(size).toBeLessThan(2_000);
  expect(done).toMatchObject({ damage: 'truncated', fromBytes: 2_000, toBytes: size });
});

it('removes one, and never one that is empty', async () => {
  const done = await damageFile(directory, 'removed', new Random(3));
  expect(done).toEqual({ damage: 'removed', file: join('log', 'a') });
  expect(await readdir(directory)).toContain('empty');
  expect(await damageFile(directory, 'removed', new Random(3))).toBeUndefined();
});

it('puts a directory back as it was, in its place', async () => {
  const scratch = await mkdtemp(join(tmpdir(), 'jepsen-copy-'));
  const { ino } = await stat(directory);
  const copy = await DirectoryCopy.of(directory, scratch);
  await damageFile(directory, 'removed', new Random(3));
  await writeFile(join(directory, 'later'), 'x');
  await copy.putBack();
  expect((await readdir(directory, { recursive: true })).sort()).toEqual([
    'empty',
    'log',
    join('log', 'a'),
  ]);
  expect((await stat(directory)).ino).toBe(ino);
  await copy.remove();
  expect(await readdir(scratch)).toEqual([]);
  await rm(scratch, { recursive: true });
});
