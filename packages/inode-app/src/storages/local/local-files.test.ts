import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { renameSync } from 'node:fs';
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { Storage, StoragePage } from '../storage.js';
import { localDriver } from './local-driver.js';

const signal = new AbortController().signal;

async function open(): Promise<{ storage: Storage; directory: string }> {
  const outside = await mkdtemp(join(tmpdir(), 'local-files-'));
  const directory = join(outside, 'place');
  await mkdir(directory);
  const storage = await localDriver.open(`file://${directory}`, {}, undefined);
  onTestFinished(async () => {
    await storage.close();
    await rm(outside, { recursive: true });
  });
  return { storage, directory };
}

async function list(storage: Storage, path: string) {
  const pages: StoragePage[] = [];
  for await (const page of storage.list(path, signal)) pages.push(page);
  return {
    entries: pages.flatMap(({ entries }) => entries.map(({ name }) => name)).sort(),
    skipped: pages.flatMap(({ skipped }) => skipped).sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

it('sockets and pipes are skipped, and go with their directory', async () => {
  const { storage, directory } = await open();
  await mkdir(join(directory, 'd'));
  execFileSync('mkfifo', [join(directory, 'd/pipe')]);
  const server = createServer().listen(join(directory, 'd/socket'));
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  await writeFile(join(directory, 'd/file'), 'x');
  expect(await list(storage, 'd')).toEqual({
    entries: ['file'],
    skipped: [
      { name: 'pipe', reason: 'a named pipe' },
      { name: 'socket', reason: 'a socket' },
    ],
  });
  expect(await storage.stat('d/pipe', signal)).toBeUndefined();
  await storage.copy('d', 'e', {}, signal);
  expect(await list(storage, 'e')).toEqual({ entries: ['file'], skipped: [] });
  expect(await storage.removeCopied('d', 'e', {}, signal)).toBe(2);
  await storage.remove('d', { recursive: true }, signal);
  expect((await list(storage, '')).entries).toEqual(['e']);
});

it('nothing leads out of the place', async () => {
  const { storage, directory } = await open();
  const outside = join(directory, '../outside');
  await mkdir(join(outside, 'deep'), { recursive: true });
  await writeFile(join(outside, 'deep/file'), 'x');
  await symlink('../outside', join(directory, 'link'));
  await symlink('../outside/deep/file', join(directory, 'content'));
  for (const path of ['link/deep', 'link/deep/file']) {
    expect(await storage.stat(path, signal)).toBeUndefined();
    await expect(storage.remove(path, { recursive: true }, signal)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(storage.location(path, 'read', signal)).rejects.toMatchObject({
      code: 'NOT_A_DIRECTORY',
    });
  }
  await expect(list(storage, 'link/deep')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(storage.location('content', 'write', signal)).rejects.toMatchObject({
    code: 'UNSUPPORTED',
  });
  await mkdir(join(directory, 'd'));
  await expect(storage.rename('d', 'link/d', signal)).rejects.toMatchObject({
    code: 'NOT_A_DIRECTORY',
  });
  await symlink('../../outside', join(directory, 'd/link'));
  await storage.remove('d', { recursive: true }, signal);
  expect(await readFile(join(outside, 'deep/file'), 'utf8')).toBe('x');
});

it('the place may be reached by a link, and is followed where that leads now', async () => {
  const { directory } = await open();
  const link = `${directory}-link`;
  await symlink(directory, link);
  await mkdir(join(directory, 'd/e'), { recursive: true });
  const storage = await localDriver.open(`file://${link}`, {}, undefined);
  expect((await storage.stat('d/e', signal))?.type).toBe('directory');
  await storage.close();
});

it('tells of permissions, owners and times', async () => {
  const { storage, directory } = await open();
  const file = join(directory, 'file');
  await writeFile(file, 'x');
  await chmod(file, 0o4750);
  await utimes(file, 1_700_000_000.125, 1_700_000_000.125);
  const entry = await storage.stat('file', signal);
  expect(entry).toMatchObject({ mode: 0o4750, modifiedMs: 1_700_000_000_125 });
  const me = execFileSync('id', ['-un'], { encoding: 'utf8' }).trim();
  expect(entry?.owner).toBe(me);
});

it('a copy has the attributes of its source, and is unseen until it is whole', async () => {
  const { storage, directory } = await open();
  await mkdir(join(directory, 'd'));
  await writeFile(join(directory, 'd/file'), 'x');
  await chmod(join(directory, 'd/file'), 0o640);
  await chmod(join(directory, 'd'), 0o500);
  const unfinished = '.inode-app-copy-of-a-master-that-died';
  await writeFile(join(directory, unfinished), 'half');
  await storage.copy('d', 'e', {}, signal);
  const [source, copy] = await Promise.all(
    ['d/file', 'e/file'].map((path) => lstat(join(directory, path))),
  );
  expect(copy?.mode).toBe(source?.mode);
  expect(copy?.mtimeMs).toBeCloseTo(source?.mtimeMs ?? 0, 2);
  expect((await storage.stat('e', signal))?.mode).toBe(0o500);
  expect((await list(storage, '')).skipped).toEqual([
    { name: unfinished, reason: 'a copy that is not finished' },
  ]);
  expect(storage.pathFault(unfinished)).toContain('not finished');
});

it('a place that goes while it is listed is not listed as one in which nothing is', async () => {
  const { storage, directory } = await open();
  const names = Array.from({ length: 1500 }, (_, at) => `f-${at}`);
  await Promise.all(names.map((name) => writeFile(join(directory, name), '')));
  const pages = storage.list('', signal)[Symbol.asyncIterator]();
  expect((await pages.next()).value?.entries).toHaveLength(1000);
  await rename(directory, `${directory}-away`);
  await expect(pages.next()).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

it('a place that goes when its last name was read is not listed to the end', async () => {
  const { storage, directory } = await open();
  await writeFile(join(directory, 'file'), '');
  const pages = storage.list('', signal)[Symbol.asyncIterator]();
  expect((await pages.next()).value?.entries).toHaveLength(1);
  await rename(directory, `${directory}-away`);
  await expect(pages.next()).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

it('a place that goes while something in it is removed is told as missing', async () => {
  const { storage, directory } = await open();
  await mkdir(join(directory, 'd'));
  for (const name of ['f', 'g']) await writeFile(join(directory, 'd', name), '');
  const onProgress = () => renameSync(directory, `${directory}-away`);
  const removing = storage.remove('d', { recursive: true, onProgress }, signal);
  await expect(removing).rejects.toThrow(/The place itself/);
});
