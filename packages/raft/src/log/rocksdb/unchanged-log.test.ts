import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EntryType } from '../../core/log/entry.js';
import { bootstrapWrite } from '../../core/membership/bootstrap.js';
import { RocksLogStore } from './rocks-log-store.js';
import { UnchangedLog } from './unchanged-log.js';

let root: string;
let directory: string;
let scratch: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'unchanged-log-'));
  [directory, scratch] = [join(root, 'member'), join(root, 'scratch')];
  await mkdir(scratch);
  await using log = await open();
  const bootstrap = bootstrapWrite([1, 2], [], {});
  const type = EntryType.Command;
  const commands = [2, 3, 4].map((index) => ({ index, term: 2, type, data: Buffer.of(index) }));
  const hardState = { term: 2, votedFor: 1, commit: 3, recovery: 0 };
  await log.write(bootstrap);
  await log.write({ hardState, entries: commands });
});

afterEach(() => rm(root, { recursive: true }));

const open = () => RocksLogStore.open({ directory, clusterId: 'c', memberId: 1 });
const look = () => UnchangedLog.open(directory, scratch);

describe("a stopped member's log", () => {
  it('is looked at, whole or in part', async () => {
    await using log = await look();
    expect(log.identity).toEqual({ clusterId: 'c', memberId: 1 });
    expect(log.state).toMatchObject({ lastIndex: 4, hardState: { term: 2, votedFor: 1 } });
    const indexes = (first: number, last: number) =>
      [...log.entries(first, last)].map(({ index }) => index);
    expect(indexes(0, 9)).toEqual([1, 2, 3, 4]);
    expect(indexes(2, 3)).toEqual([2, 3]);
    expect(indexes(5, 9)).toEqual([]);
  });

  it('is not looked at while it runs', async () => {
    await using running = await open();
    expect(running.initial.lastIndex).toBe(4);
    await expect(look()).rejects.toMatchObject({ code: 'LOG_LOCKED' });
  });

  it('is told where it is damaged, foreign or none', async () => {
    const corrupt = { code: 'LOG_CORRUPT' };
    await rm(join(directory, 'mark'));
    await expect(look()).rejects.toMatchObject(corrupt);
    await writeFile(join(directory, 'mark'), 'none');
    await expect(look()).rejects.toMatchObject(corrupt);
    await writeFile(join(directory, 'identity'), '{"formatVersion":1}');
    await expect(look()).rejects.toMatchObject({ code: 'LOG_FOREIGN' });
    await rm(join(directory, 'identity'));
    await expect(look()).rejects.toMatchObject(corrupt);
    await expect(UnchangedLog.open(join(root, 'none'), scratch)).rejects.toMatchObject(corrupt);
    expect(await readdir(scratch)).toEqual([]);
    expect((await readdir(directory)).sort()).toEqual(['log', 'mark']);
  });
});
