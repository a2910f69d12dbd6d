import { mkdtemp, open, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@raft-ts/net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HEADER, headerAt, largeRows, row, rowsOf, snapshotOf } from './snapshot.test.support.js';
import type { SnapshotBlock, SnapshotManifest } from './snapshot-block.js';
import { checkSnapshotFile, readBlocks, writeSnapshotFile } from './snapshot-file.js';
import { SnapshotKeeper, type SnapshotKeeperEvent } from './snapshot-keeper.js';
import type { SnapshotRow } from './snapshot-rows.js';

let directory: string;
let nowMs = 0;
const clock = { ...systemClock, monotonicMs: () => nowMs };
const { signal } = new AbortController();
const ROWS = largeRows(7, 3);

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'snapshots-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function* pages(rows: readonly SnapshotRow[]) {
  for (const one of rows) yield [one];
}

const keeperOf = (options: object = {}) =>
  SnapshotKeeper.open({ directory, clusterId: 'c', clock, ...options });

function make(
  keeper: SnapshotKeeper,
  index: number,
  rows: readonly SnapshotRow[] = ROWS,
): Promise<SnapshotManifest> {
  const header = headerAt(index);
  return keeper.make(header.base, (path) =>
    writeSnapshotFile(path, header, { rows: pages(rows) }, { signal }),
  );
}

const indexes = (keeper: SnapshotKeeper) => keeper.snapshots.map(({ header }) => header.base.index);

it('removes those of which nobody can go on any more, but what is read', async () => {
  const keeper = await keeperOf({ maxSnapshots: 3, readerTimeoutMs: 10 });
  for (const index of [5, 7, 9]) await make(keeper, index);
  const reading = await keeper.read(keeper.snapshots[0]?.id ?? '');
  await keeper.removeBefore(9);
  expect(indexes(keeper)).toEqual([5, 9]);
  await reading?.[Symbol.asyncDispose]();
  await keeper.removeBefore(9);
  expect(indexes(keeper)).toEqual([5, 9]);
  nowMs += 10;
  await keeper.removeBefore(9);
  expect(indexes(keeper)).toEqual([9]);
  expect(await readdir(directory)).toHaveLength(1);
});

/** Beside the directory that the keeper has for itself. */
class TemporaryFile implements AsyncDisposable {
  readonly #directory: string;
  readonly path: string;

  private constructor(directory: string) {
    this.#directory = directory;
    this.path = join(directory, 'file');
  }

  static async create(): Promise<TemporaryFile> {
    return new TemporaryFile(await mkdtemp(join(tmpdir(), 'snapshot-received-')));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }
}

async function damage(name: string, at: number): Promise<void> {
  await using handle = await open(join(directory, name), 'r+');
  await handle.write(Buffer.from([0xaa, 0x55, 0xaa]), 0, 3, at);
}

describe('a snapshot in a file', () => {
  it('is what the encoder makes, from rows and from chunks', async () => {
    const path = join(directory, 'a');
    const written: [number, number][] = [];
    const manifest = await writeSnapshotFile(
      path,
      HEADER,
      { rows: pages(ROWS) },
      { signal, progress: (...so) => written.push(so) },
    );
    expect(manifest).toEqual(snapshotOf(HEADER, ROWS).manifest);
    expect(await checkSnapshotFile(path)).toEqual(manifest);
    expect(written.map(([rows]) => rows)).toEqual([3, 6]);
    await using handle = await open(path, 'r');
    const blocks: SnapshotBlock[] = [];
    for await (const block of readBlocks(handle)) blocks.push(block);
    expect(rowsOf(blocks)).toHaveLength(7);
    const chunks = (async function* () {
      yield Buffer.from('some');
      yield Buffer.from(' bytes');
    })();
    const header = headerAt(3, 'chunks');
    const made = await writeSnapshotFile(join(directory, 'b'), header, { chunks }, { signal });
    expect(made.extent).toMatchObject({ blocks: 1, rows: 0, bytes: 10 });
  });

  it('is not written to its end once that is not wanted any more', async () => {
    const controller = new AbortController();
    const reason = new Error('no longer wanted');
    const rows = (async function* () {
      yield ROWS;
      controller.abort(reason);
      yield ROWS;
    })();
    const writing = writeSnapshotFile(
      join(directory, 'a'),
      HEADER,
      { rows },
      { signal: controller.signal },
    );
    await expect(writing).rejects.toBe(reason);
  });
});

describe('a keeper of snapshots', () => {
  it('finds what it kept, also after a restart', async () => {
    const keeper = await keeperOf();
    expect(keeper.latest(0)).toBeUndefined();
    const first = await make(keeper, 7);
    const second = await make(keeper, 9);
    for (const found of [keeper, await keeperOf()]) {
      expect(found.snapshots).toEqual([first, second]);
      expect(found.latest(8)).toEqual(second);
      expect(found.latest(9)).toEqual(second);
      expect(found.latest(10)).toBeUndefined();
    }
    expect(await readdir(directory)).toEqual(['7-3.snapshot', '9-3.snapshot']);
  });

  it('keeps so many, and lets the oldest go first', async () => {
    const keeper = await keeperOf({ maxSnapshots: 2 });
    for (const index of [5, 7, 9]) await make(keeper, index);
    expect(indexes(keeper)).toEqual([7, 9]);
    expect(await readdir(directory)).toHaveLength(2);
  });

  it('removes none that is being read, nor soon after', async () => {
    const keeper = await keeperOf({ maxSnapshots: 2, readerTimeoutMs: 1_000 });
    const first = await make(keeper, 5);
    await make(keeper, 7);
    const reading = await keeper.read(first.id);
    if (reading === undefined) throw new Error('it is not there');
    await make(keeper, 9);
    expect(indexes(keeper)).toEqual([5, 9]);
    const second = await keeper.read(keeper.snapshots[1]?.id ?? '');
    await expect(make(keeper, 11)).rejects.toMatchObject({ code: 'SNAPSHOT_FAILED' });
    const bytes: Buffer[] = [];
    for await (const chunk of reading.range(1, first.fileBytes + 100)) bytes.push(chunk);
    expect(Buffer.concat(bytes).equals(snapshotOf(headerAt(5), ROWS).bytes.subarray(1))).toBe(true);
    await reading[Symbol.asyncDispose]();
    await reading[Symbol.asyncDispose]();
    nowMs += 999;
    await expect(make(keeper, 11)).rejects.toThrow('being read, or were in the last 1 s');
    nowMs += 1;
    await make(keeper, 11);
    expect(indexes(keeper)).toEqual([9, 11]);
    await second?.[Symbol.asyncDispose]();
    expect(await keeper.read(first.id)).toBeUndefined();
  });

  it('keeps the newest, if that is asked for, until a newer one is whole', async () => {
    const keeper = await keeperOf({ keepsNewest: true });
    const first = await make(keeper, 5);
    await make(keeper, 7);
    await using reading = await keeper.read(first.id);
    expect(reading).toBeDefined();
    await expect(make(keeper, 9)).rejects.toMatchObject({ code: 'SNAPSHOT_FAILED' });
    expect(indexes(keeper)).toEqual([5, 7]);
    await expect(keeperOf({ keepsNewest: true, maxSnapshots: 1 })).rejects.toMatchObject({
      code: 'OPTIONS_INVALID',
    });
  });

  it('takes in a file that was received, in place of the oldest', async () => {
    const keeper = await keeperOf({ keepsNewest: true });
    await make(keeper, 5);
    await make(keeper, 7);
    await using received = await TemporaryFile.create();
    const header = headerAt(9);
    const write = () => writeSnapshotFile(received.path, header, { rows: pages(ROWS) }, { signal });
    const manifest = await write();
    await keeper.adopt(received.path, manifest);
    expect(indexes(keeper)).toEqual([7, 9]);
    expect(await readdir(directory)).toEqual(['7-3.snapshot', '9-3.snapshot']);
    await using reading = await keeper.read(manifest.id);
    const blocks: SnapshotBlock[] = [];
    for await (const block of reading?.blocks() ?? []) blocks.push(block);
    expect(rowsOf(blocks)).toHaveLength(ROWS.length);
    // One that this takes the place of, though it is of a later index.
    await make(keeper, 11);
    await write();
    await keeper.adopt(received.path, manifest);
    expect(indexes(keeper)).toEqual([9]);
    expect(await readdir(directory)).toEqual(['9-3.snapshot']);
    const others = { ...manifest, header: { ...header, clusterId: 'another' } };
    await expect(keeper.adopt(received.path, others)).rejects.toMatchObject({
      code: 'SNAPSHOT_FOREIGN',
    });
  });

  it('leaves nothing of one that could not be written, and removes what a killed writer left', async () => {
    const keeper = await keeperOf();
    const fails = (async function* () {
      yield ROWS;
      throw new Error('the disk is full');
    })();
    const header = headerAt(7);
    const failing = keeper.make(header.base, (path) =>
      writeSnapshotFile(path, header, { rows: fails }, { signal }),
    );
    await expect(failing).rejects.toThrow('the disk is full');
    expect(await readdir(directory)).toEqual([]);
    await writeFile(join(directory, '7-3.snapshot.new'), 'half');
    await keeperOf();
    expect(await readdir(directory)).toEqual([]);
  });

  it.each([
    ['its beginning', (name: string) => damage(name, 40)],
    ['its end', (name: string) => truncate(join(directory, name), 2_000_000)],
    ['all of it', (name: string) => truncate(join(directory, name), 0)],
  ])('removes at start what lost %s, and tells', async (_what, harm) => {
    await make(await keeperOf(), 7);
    await make(await keeperOf(), 9);
    await harm('9-3.snapshot');
    const events: SnapshotKeeperEvent[] = [];
    const keeper = await keeperOf({ onEvent: (event: SnapshotKeeperEvent) => events.push(event) });
    expect(indexes(keeper)).toEqual([7]);
    expect(await readdir(directory)).toEqual(['7-3.snapshot']);
    expect(events).toMatchObject([{ error: { code: 'SNAPSHOT_DAMAGED' } }]);
  });

  it('removes what is damaged within when somebody doubts it, and nothing else', async () => {
    const keeper = await keeperOf();
    const { id } = await make(keeper, 7);
    await keeper.check(id, signal);
    await keeper.check('1-2-none', signal);
    expect(indexes(keeper)).toEqual([7]);
    await damage('7-3.snapshot', 1_500_000);
    await keeper.check(id, signal);
    expect(keeper.snapshots).toEqual([]);
    expect(await readdir(directory)).toEqual([]);
  });

  it('forgets those that somebody else has taken away, and makes another one', async () => {
    const events: SnapshotKeeperEvent[] = [];
    const onEvent = (event: SnapshotKeeperEvent) => events.push(event);
    const keeper = await keeperOf({ onEvent });
    const [read, doubted] = [await make(keeper, 5), await make(keeper, 7)];
    for (const name of await readdir(directory)) await rm(join(directory, name));
    expect(await keeper.read(read.id)).toBeUndefined();
    expect(indexes(keeper)).toEqual([7]);
    await keeper.check(doubted.id, signal);
    expect(indexes(keeper)).toEqual([]);
    expect(events.map(({ path }) => path)).toEqual(
      [5, 7].map((index) => join(directory, `${index}-3.snapshot`)),
    );
    await make(keeper, 7);
    await using reading = await keeper.read(keeper.snapshots[0]?.id ?? '');
    expect(reading?.manifest.id).toBe(doubted.id);
  });

  it('refuses a directory with snapshots of another cluster, and harms nothing', async () => {
    await make(await keeperOf(), 7, [row('a', '')]);
    await expect(keeperOf({ clusterId: 'd' })).rejects.toMatchObject({
      code: 'SNAPSHOT_FOREIGN',
      message: expect.stringContaining('Choose another directory'),
    });
    expect(await readdir(directory)).toEqual(['7-3.snapshot']);
  });
});
