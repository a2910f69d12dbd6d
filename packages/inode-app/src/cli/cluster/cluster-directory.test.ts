import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeRecord } from 'raft-ts/rocksdb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  lostMembers,
  memberDirectory,
  noteServed,
  openClusterDirectory,
} from './cluster-directory.js';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cluster-directory-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe('openClusterDirectory', () => {
  it('makes a cluster of a missing directory and finds it again', async () => {
    const path = join(directory, 'a', 'b');
    const first = await openClusterDirectory(path);
    expect(first.hasServed).toBe(false);
    const second = await openClusterDirectory(path);
    expect(second).toEqual(first);
    expect((await openClusterDirectory(join(directory, 'c'))).clusterId).not.toBe(first.clusterId);
  });

  it('knows which members have lost their data, once all have served', async () => {
    const opened = await openClusterDirectory(directory);
    for (const id of [1, 3]) {
      await mkdir(memberDirectory(directory, id));
      await writeFile(join(memberDirectory(directory, id), 'identity'), '');
    }
    expect(await lostMembers(opened, [1, 2, 3])).toEqual([]);
    await noteServed(opened, 5);
    const again = await openClusterDirectory(directory);
    expect(opened.members).toBe(3);
    expect(again).toEqual({ ...opened, hasServed: true, members: 5 });
    expect(await lostMembers(again, [1, 2, 3])).toEqual([2]);
  });

  it('leaves a directory alone that holds something else', async () => {
    await writeFile(join(directory, 'thesis.txt'), 'x');
    await expect(openClusterDirectory(directory)).rejects.toMatchObject({ code: 'DATA_FOREIGN' });
    await expect(readFile(join(directory, 'cluster'))).rejects.toThrow();
  });

  it('says that another version wrote a directory', async () => {
    await writeFile(join(directory, 'cluster.json'), '{"formatVersion":1,"clusterId":"a"}');
    await expect(openClusterDirectory(directory)).rejects.toMatchObject({
      code: 'DATA_FOREIGN',
      message: expect.stringMatching(/another version.*start that one/),
    });
  });

  it('refuses a damaged cluster file', async () => {
    for (const content of ['', '{', '[]', 'null', '{"format":2,"clusterId":"a"}']) {
      await writeFile(join(directory, 'cluster'), content);
      await expect(openClusterDirectory(directory)).rejects.toMatchObject({ code: 'DATA_CORRUPT' });
    }
    await writeRecord(directory, 'cluster', { format: 2, clusterId: '../..' });
    await expect(openClusterDirectory(directory)).rejects.toMatchObject({
      code: 'DATA_CORRUPT',
      // The command goes on behind it.
      message: expect.stringMatching(/[^.]$/),
    });
    await writeRecord(directory, 'cluster', { format: 3, clusterId: 'a' });
    await expect(openClusterDirectory(directory)).rejects.toMatchObject({ code: 'DATA_FOREIGN' });
  });

  it('says that a directory cannot be made', async () => {
    for (const path of ['/proc/raft-ts', '/proc/raft-ts/below']) {
      await expect(openClusterDirectory(path)).rejects.toMatchObject({ code: 'DATA_UNWRITABLE' });
    }
  });

  it('says what is wrong with a path that is no directory', async () => {
    const file = join(directory, 'file');
    await writeFile(file, '');
    for (const path of [file, join(file, 'below')]) {
      await expect(openClusterDirectory(path)).rejects.toMatchObject({
        code: 'DATA_UNWRITABLE',
        message: `${path} is no directory`,
      });
    }
    await expect(openClusterDirectory('')).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
    await mkdir(join(directory, 'fine'));
    expect((await openClusterDirectory(join(directory, 'fine'))).hasServed).toBe(false);
  });
});
