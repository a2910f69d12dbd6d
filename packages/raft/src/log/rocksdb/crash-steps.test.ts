import { cpSync, readdirSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@raft-ts/net/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EntryType } from '../../core/log/entry.js';
import { EMPTY_MEMBERSHIP } from '../../core/membership/membership.js';
import { RocksDatabase } from '../../rocksdb/database.js';
import { GroupCommit } from '../durable/group-commit.js';
import type { Mark } from '../durable/mark.js';
import { logEnds, PackedWriteGroup, WriteGroupPacker } from '../durable/packed-write-group.js';
import type { LogWrite } from '../log-store.js';
import { LogTail } from '../log-tail.js';
import { logPath, markPath } from './data-directory.js';
import { contentsOf, LogModel } from './log-model.test.support.js';
import { openMarkFile } from './open-mark-file.js';
import { openOutlineFile } from './open-outline-file.js';
import { RocksLogStore } from './rocks-log-store.js';

/*
 * What becomes durable one after the other, in GroupCommit: the directory is copied after each
 * step, as a process leaves it that is killed there. RocksDB has so few files that it merges none:
 * it would do so while they are copied.
 */

let root: string;
let directory: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'rocks-log-steps-'));
  directory = join(root, 'member');
  await (await openLog(directory)).close();
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

function openLog(path: string): Promise<RocksLogStore> {
  return RocksLogStore.open({ directory: path, clusterId: 'c', memberId: 1 });
}

async function contentsAt(path: string): Promise<string> {
  await using store = await openLog(path);
  return await contentsOf(store);
}

/** Carries out `write` and returns where the directory was copied to after each step. */
async function copiesOfSteps(write: LogWrite, model: LogModel): Promise<string[]> {
  const copies: string[] = [];
  await using database = await RocksDatabase.open({ directory: logPath(directory) });
  const isLog = (name: string) => name.endsWith('.log');
  await eventually('RocksDB has removed what it no longer needs', () => {
    return readdirSync(logPath(directory)).filter(isLog).length === 1;
  });
  const markFile = openMarkFile(markPath(directory));
  if (markFile === undefined) throw new Error('no mark');
  const after = <T extends unknown[]>(step: (...args: T) => void) => {
    return (...args: T) => {
      step(...args);
      const copy = join(root, `step-${copies.length}`);
      cpSync(directory, copy, { recursive: true });
      copies.push(copy);
    };
  };
  const batch = database.batch();
  const commit = new GroupCommit(
    { deleteRange: after((first, end) => database.deleteRange(first, end)) },
    {
      put: (key, value) => batch.put(key, value),
      delete: (key) => batch.delete(key),
      clear: () => batch.clear(),
      write: after((options) => batch.write(options)),
    },
    {
      get mark(): Mark {
        return markFile.mark;
      },
      write: after((mark) => markFile.write(mark)),
      sync: after(() => markFile.sync()),
    },
    openOutlineFile(directory),
    model.base.index,
  );
  const tail = new LogTail(model.state());
  const group = new WriteGroupPacker(4096);
  group.add(write, tail.accept(write));
  group.seal(logEnds(tail));
  commit.write([new PackedWriteGroup(group.memory)]);
  await markFile.close();
  return copies;
}

const entries = (first: number, last: number, term: number) =>
  Array.from({ length: last - first + 1 }, (_, i) => ({
    index: first + i,
    term,
    type: EntryType.Command,
    data: Buffer.from(`${first + i} of ${term}`),
  }));
const hardState = (term: number, recovery = 0) => ({ term, votedFor: 0, commit: 0, recovery });
const base = (index: number, term: number) => ({ index, term, membership: EMPTY_MEMBERSHIP });

describe('a process that is killed between two steps of a write', () => {
  it.each<[string, LogWrite]>([
    ['appends', { entries: entries(10, 12, 4) }],
    ['replaces the tail', { entries: entries(7, 7, 4) }],
    ['votes', { hardState: hardState(9), entries: [] }],
    ['compacts', { base: base(6, 2), entries: [] }],
    ['compacts all', { base: base(9, 3), entries: [] }],
    ['compacts and replaces the tail', { base: base(6, 2), entries: entries(8, 8, 4) }],
    ['takes a snapshot beyond the end', { base: base(30, 4), entries: entries(31, 32, 4) }],
    ['takes a snapshot at the end', { base: base(9, 4), entries: [] }],
    ['takes a snapshot that contradicts it', { base: base(7, 4), entries: [] }],
    ['contradicts its base', { base: base(5, 3), entries: entries(6, 6, 4) }],
    ['is recovered', { hardState: hardState(5), base: base(30, 4), entries: [] }],
    ['has to recover again', { hardState: hardState(5, 78), entries: entries(10, 10, 4) }],
  ])('and %s has the log of before or of after', async (_what, write) => {
    const model = new LogModel();
    const setUp = [
      { hardState: hardState(5, 77), entries: [...entries(1, 7, 2), ...entries(8, 9, 3)] },
      { base: base(4, 2), entries: [] },
    ];
    const store = await openLog(directory);
    for (const one of setUp) {
      await store.write(one);
      model.apply(one);
    }
    await store.close();
    const before = model.contents();
    const copies = await copiesOfSteps(write, model);
    model.apply(write);
    const after = model.contents();

    const found = [];
    for (const copy of copies) found.push(await contentsAt(copy));
    expect(copies.length).toBeGreaterThan(1);
    // The batch makes the difference, at once.
    const turn = found.indexOf(after);
    expect(turn).toBeGreaterThanOrEqual(0);
    expect(found.slice(0, turn)).toEqual(Array(turn).fill(before));
    expect(found.slice(turn)).toEqual(Array(found.length - turn).fill(after));
    // And nothing that is acknowledged is missed in the original.
    expect(await contentsAt(directory)).toBe(after);
  });

  it('leaves nothing of what is below the base once the log was opened', async () => {
    const model = new LogModel();
    const write = { base: base(30, 4), entries: entries(31, 32, 4) };
    await using first = await openLog(directory);
    const setUp = { entries: entries(1, 9, 2) };
    await first.write(setUp);
    model.apply(setUp);
    await first.close();
    const [batchWritten] = await copiesOfSteps(write, model);
    if (batchWritten === undefined) throw new Error('no step');
    const rows = async (path: string) => {
      await using database = await RocksDatabase.open({ directory: logPath(path) });
      using range = database.range();
      return (await range.nextPage()).length;
    };
    const copy = join(root, 'rows');
    await cp(batchWritten, copy, { recursive: true });
    expect(await rows(copy)).toBe(9 + 1 + 2);
    expect(await contentsAt(batchWritten)).toContain('"lastIndex":32');
    expect(await rows(batchWritten)).toBe(1 + 2);
  });
});
