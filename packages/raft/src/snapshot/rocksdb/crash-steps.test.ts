import { cpSync, readdirSync } from 'node:fs';
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RaftError } from '../../errors.js';
import { RocksBatch } from '../../rocksdb/batch.js';
import { RocksDatabase } from '../../rocksdb/database.js';
import {
  finishReplacing,
  isDirectory,
  receivedPath,
  replaceDirectory,
} from '../replace-directory.js';
import { HEADER, largeRows, parse, snapshotOf } from '../snapshot.test.support.js';
import { ReceivedRows } from './received-rows.js';
import { putRows, rowsIn } from './rocks-state.test.support.js';

/*
 * What becomes of a member that is killed while it receives or installs a state: all that lies there
 * is copied after each step, as a process leaves it that ends there.
 */

const ROWS = largeRows(12, 3);
const { bytes, manifest } = snapshotOf(HEADER, ROWS);
const { blocks } = parse(bytes, 1 << 16);
const FORMER = new Map([['former', 'state']]);
const RECEIVED = new Map(ROWS.map(({ key, value }) => [`${key}`, `${value}`]));

let root: string;
let home: string;
const tree = (directory: string) => join(directory, 'tree');

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'snapshot-steps-'));
  home = join(root, 'home');
  await using database = await RocksDatabase.open({ directory: tree(home) });
  putRows(database, FORMER);
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

/** Copies what lies there, and returns where to. */
function copied(copies: string[]): void {
  const copy = join(root, `step-${copies.length}`);
  cpSync(home, copy, { recursive: true });
  copies.push(copy);
}

async function receiveAll(received: ReceivedRows, from = 0): Promise<void> {
  for (const { payload, rows, end } of blocks.slice(from))
    await received.accept(payload, rows, end);
}

const same = (one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>) =>
  one.size === other.size && [...one].every(([key, value]) => other.get(key) === value);

describe('a process that is killed', () => {
  it('while it receives goes on behind the last block that was written', async () => {
    const received = new ReceivedRows(receivedPath(tree(home)));
    const copies: string[] = [];
    await received.begin(manifest);
    copied(copies);
    for (const { payload, rows, end } of blocks) {
      await received.accept(payload, rows, end);
      copied(copies);
    }
    await received.close();
    expect(copies.length).toBe(5);
    for (const [count, copy] of copies.entries()) {
      const again = new ReceivedRows(receivedPath(tree(copy)));
      expect((await again.begun())?.id).toBe(manifest.id);
      const position = await again.begin(manifest);
      expect(position).toEqual(
        count === 0 ? { ...position, blocks: 0, rows: 0 } : blocks[count - 1]?.end,
      );
      expect(same(await rowsIn(tree(copy)), FORMER)).toBe(true);
      await receiveAll(again, count);
      await again.complete();
      await replaceDirectory(tree(copy));
      expect(same(await rowsIn(tree(copy)), RECEIVED)).toBe(true);
    }
  });

  it('between the steps of installing has the former state or the received one', async () => {
    const received = new ReceivedRows(receivedPath(tree(home)));
    await received.begin(manifest);
    await receiveAll(received);
    await received.complete();
    const copies: string[] = [];
    copied(copies);
    await replaceDirectory(tree(home), {
      rename: async (from, to) => {
        await rename(from, to);
        copied(copies);
      },
      // File by file, as the system does it.
      remove: async (path) => {
        for (const name of readdirSync(path)) {
          await rm(join(path, name));
          copied(copies);
        }
        await rm(path, { recursive: true });
        copied(copies);
      },
      sync: async () => copied(copies),
      exists: isDirectory,
    });
    const found: string[] = [];
    for (const copy of copies) {
      const rows = await rowsIn(tree(copy));
      found.push(same(rows, FORMER) ? 'former' : same(rows, RECEIVED) ? 'received' : 'neither');
      const left = (await readdir(copy)).filter((name) => name !== 'tree');
      expect(left).toEqual(found.at(-1) === 'former' ? ['tree.received'] : []);
    }
    // The first rename makes the difference, at once.
    expect(found.length).toBeGreaterThan(8);
    expect(found).toEqual(['former', ...Array(found.length - 1).fill('received')]);
    expect(same(await rowsIn(tree(home)), RECEIVED)).toBe(true);
  });

  it('with nothing to finish finishes nothing', async () => {
    await finishReplacing(tree(home));
    await finishReplacing(join(root, 'nowhere'));
    expect(same(await rowsIn(tree(home)), FORMER)).toBe(true);
  });
});

describe('received rows', () => {
  const damagedRows = expect.objectContaining({ code: 'SNAPSHOT_DAMAGED' });

  it('are refused where they are none, and what was there before stays', async () => {
    const received = new ReceivedRows(receivedPath(tree(home)));
    const [first, second] = blocks;
    if (first === undefined || second === undefined) throw new Error('two blocks were expected');
    await received.begin(manifest);
    await received.accept(first.payload, first.rows, first.end);
    const cut = second.payload.subarray(1);
    await expect(received.accept(cut, second.rows, second.end)).rejects.toEqual(damagedRows);
    expect(await received.begin(manifest)).toEqual(first.end);
    const progressKey = Buffer.from('\xff\xff\xff\xffraft-ts received', 'latin1');
    const reserved = Buffer.concat([Buffer.from([progressKey.byteLength, 0]), progressKey]);
    await expect(received.accept(reserved, 1, second.end)).rejects.toEqual(damagedRows);
    expect(await received.begin(manifest)).toEqual(first.end);
    await expect(received.complete()).rejects.toEqual(damagedRows);
    await received.close();
  });

  it('begin anew where what a killed process left is damaged', async () => {
    const directory = receivedPath(tree(home));
    const received = new ReceivedRows(directory);
    await received.begin(manifest);
    await receiveAll(received);
    await received.close();
    await rm(join(directory, 'CURRENT'));
    const again = new ReceivedRows(directory);
    expect(await again.begun()).toBeUndefined();
    expect((await again.begin(manifest)).blocks).toBe(0);
    await again.discard();
  });

  it('are gone on with in a database opened anew after any write that failed', async () => {
    const full = new RaftError('DATABASE_FULL', 'no room');
    const received = new ReceivedRows(receivedPath(tree(home)));
    const opening = vi.spyOn(RocksDatabase, 'open');
    const writing = vi.spyOn(RocksBatch.prototype, 'write');
    const failing = async (call: () => Promise<unknown>) => {
      writing.mockImplementationOnce(() => {
        throw full;
      });
      await expect(call()).rejects.toBe(full);
      opening.mockClear();
      const position = await received.begin(manifest);
      expect(opening).toHaveBeenCalled();
      return position;
    };
    const [first] = blocks;
    if (first === undefined) throw new Error('a block was expected');
    await failing(() => received.begin(manifest));
    await failing(() => received.accept(first.payload, first.rows, first.end));
    await receiveAll(received);
    expect(await failing(() => received.complete())).toEqual(blocks.at(-1)?.end);
    await received.complete();
    vi.restoreAllMocks();
    await replaceDirectory(tree(home));
    expect(same(await rowsIn(tree(home)), RECEIVED)).toBe(true);
  });

  it('are not made of chunks', async () => {
    const received = new ReceivedRows(receivedPath(tree(home)));
    const chunks = snapshotOf({ ...HEADER, contents: 'chunks' }, []).manifest;
    await expect(received.begin(chunks)).rejects.toMatchObject({ code: 'SNAPSHOT_FOREIGN' });
    expect(await readdir(home)).toEqual(['tree']);
  });
});
