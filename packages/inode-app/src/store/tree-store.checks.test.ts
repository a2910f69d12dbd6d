import { InvariantBroken } from 'raft-ts/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { newRoot } from '../namespace/tree/attributes.js';
import { byteString, NO_BYTES } from '../namespace/tree/byte-string.js';
import { edgeKey, ROOT_EDGE } from '../namespace/tree/edge.js';
import { InodeType, ROOT_ID } from '../namespace/tree/inode.js';
import type { InodeRecord } from '../namespace/tree/inode-record.js';
import { writeInode } from './inode-row.js';
import { writeLocation } from './location-row.js';
import { MemoryRows } from './memory-rows.js';
import {
  COMMIT_ROWS,
  RowKind,
  readNumber,
  STATE_KEY,
  writeInodeKey,
  writeNumberedKey,
} from './row-keys.js';
import { RowReader } from './row-reader.js';
import { RowWriter } from './row-writer.js';
import { newTreeState, type TreeState, writeTreeState } from './state-row.js';
import { writeTrashed } from './trash-row.js';
import { TreeStore } from './tree-store.js';

const OPTIONS = { maxCacheEntries: 100, maxCacheBytes: 1e6, absenceFilterBytes: 64 };
const EDGE = edgeKey(ROOT_ID, byteString('a'));

const key = new RowWriter(512);
const value = new RowWriter(8192);

/** Puts a row where the store finds it. */
function plant(rowKey: Uint8Array, row: Uint8Array): void {
  const batch = rows.batch();
  batch.put(rowKey, row);
  batch.write({ sync: true });
}

let rows: MemoryRows;
let store: TreeStore;

beforeEach(async () => {
  rows = new MemoryRows();
  store = await TreeStore.open(rows, OPTIONS);
  // A root that has entries: what is at its edges is read, not known to be absent.
  plant(writeInodeKey(key, ROOT_EDGE), writeInode(value, { ...newRoot(ROOT_ID), children: 1 }));
  store = await TreeStore.open(rows, OPTIONS);
});

/** A sound file of a new id, but for what is given. */
function file(given: Partial<InodeRecord> = {}): InodeRecord {
  const principal = byteString('root');
  return {
    ...newRoot(store.takeId()),
    type: InodeType.File,
    owner: principal,
    group: principal,
    ...given,
  };
}

const corrupt = expect.objectContaining({
  code: 'DATA_CORRUPT',
  message: expect.stringMatching(/it holds .+\.$/),
});

type Unsound = readonly (readonly [what: string, given: Partial<InodeRecord>])[];

/** What a row can hold. */
const readable: Unsound = [
  ['a mode above its bits', { mode: 0o10000 }],
  ['a time that no Date holds', { modifiedMs: 8.64e15 + 1 }],
  ['an owner without a name', { owner: NO_BYTES }],
  ['a group of 256 bytes', { group: byteString('x'.repeat(256)) }],
  ['no target of a link', { type: InodeType.SymbolicLink }],
  ['an id that was never given', { id: 1000 }],
  ['an id below the first', { id: 0 }],
];
const unreadable: Unsound = [
  ['fewer than no entries', { type: InodeType.Directory, children: -1 }],
  ['entries in a file', { children: 1 }],
  ['a mode below 0', { mode: -1 }],
  ['a size below 0', { size: -1 }],
  ['a size that is not whole', { size: 0.5 }],
  ['a time that is none', { accessedMs: Number.NaN }],
  ['a target of a file', { target: byteString('x') }],
];

const FILE = { type: InodeType.File, mounted: undefined };

describe('what is written', () => {
  it.each([...readable, ...unreadable])('is never %s', (_, given) => {
    expect(() => store.put(EDGE, file(given))).toThrow(InvariantBroken);
  });

  it('is never the place of an inode that never was, or of the root', () => {
    expect(() => store.locate(1000, EDGE)).toThrow(InvariantBroken);
    expect(() => store.locate(ROOT_ID, EDGE)).toThrow(InvariantBroken);
  });

  it('are never counts below 0', () => {
    store.count(FILE, 1);
    store.count(FILE, -1);
    expect(() => store.count(FILE, -1)).toThrow(InvariantBroken);
  });

  it('are never more inodes than ids', () => {
    store.count(FILE, 1);
    expect(() => store.commit(1, [])).toThrow(InvariantBroken);
  });

  it('is never a state that was there before', () => {
    store.commit(2, []);
    expect(() => store.commit(1, [])).toThrow(InvariantBroken);
  });

  it('is never a trash out of order', () => {
    const directory = store.takeId();
    expect(() => store.finishTrashed()).toThrow(InvariantBroken);
    expect(() => store.advanceTrashed(byteString('a'))).toThrow(InvariantBroken);
    expect(() => store.trash(ROOT_ID)).toThrow(InvariantBroken);
    expect(() => store.trash(1000)).toThrow(InvariantBroken);
    store.trash(directory);
    store.advanceTrashed(byteString('b'));
    expect(() => store.advanceTrashed(byteString('b'))).toThrow(InvariantBroken);
    store.finishTrashed();
    expect(() => store.finishTrashed()).toThrow(InvariantBroken);
  });
});

describe('what is read', () => {
  it.each(readable)('is never %s', async (_, given) => {
    plant(writeInodeKey(key, EDGE), writeInode(value, file(given)));
    expect(() => store.get(EDGE)).toThrow(corrupt);
    await expect(store.listEntries(ROOT_ID, NO_BYTES, 1, undefined)).rejects.toEqual(corrupt);
  });

  const states: readonly (readonly [what: string, given: Partial<TreeState>])[] = [
    ['without the root', { counts: [0, 0, 0] }],
    ['with more inodes than ids', { counts: [1, 1, 0] }],
    ['whose next id is the root', { nextId: ROOT_ID }],
    ['whose trash ends before it begins', { nextId: 9, trashHead: 2, trashTail: 1 }],
    ['with more trash than ids', { nextId: 9, trashTail: 9 }],
  ];
  it.each(states)('is never a state %s', async (_, given) => {
    plant(STATE_KEY, writeTreeState(value, { ...newTreeState(), ...given }));
    await expect(TreeStore.open(rows, OPTIONS)).rejects.toEqual(corrupt);
  });

  it('is never a trash without its rows, or with the root in it', async () => {
    plant(STATE_KEY, writeTreeState(value, { ...newTreeState(), nextId: 9, trashTail: 1 }));
    const again = await TreeStore.open(rows, OPTIONS);
    expect(() => again.firstTrashed()).toThrow(corrupt);
    for (const id of [ROOT_ID, 9]) {
      const row = writeTrashed(value, { id, after: NO_BYTES });
      plant(writeNumberedKey(key, RowKind.Trash, 0), row);
      expect(() => again.firstTrashed()).toThrow(corrupt);
    }
  });

  it('is never a place where another inode is, or none', async () => {
    const id = store.takeId();
    plant(writeNumberedKey(key, RowKind.Location, id), writeLocation(value, EDGE));
    await expect(store.locateInode(id, undefined)).rejects.toEqual(corrupt);
    plant(writeInodeKey(key, EDGE), writeInode(value, file()));
    // With the ids that were taken.
    store.commit(1, []);
    const again = await TreeStore.open(rows, OPTIONS);
    await expect(again.locateInode(id, undefined)).rejects.toEqual(corrupt);
  });

  it('is never a tree without a root', async () => {
    const batch = rows.batch();
    batch.delete(writeInodeKey(key, ROOT_EDGE));
    batch.write({ sync: true });
    const again = await TreeStore.open(rows, OPTIONS);
    await expect(again.locateInode(ROOT_ID, undefined)).rejects.toEqual(corrupt);
  });
});

describe('commits', () => {
  const OVER_A_STRETCH = 40;

  /** Opened again now and then, so that there are several stretches. */
  async function commitMany(): Promise<Buffer[]> {
    for (let index = 1; index <= OVER_A_STRETCH; index += 1) {
      const row = { key: Uint8Array.of(1), value: Buffer.alloc(16_384) };
      store.commit(index, [row]);
      if (index === 3) store = await TreeStore.open(rows, OPTIONS);
    }
    const range = rows.range({ ...COMMIT_ROWS, pageRows: 1000 });
    return range.nextPageSync().map((row) => row.key);
  }

  it('are all there', async () => {
    expect((await commitMany()).map(readNumber)).toEqual([1, 4, 20, 36]);
    expect((await TreeStore.open(rows, OPTIONS)).appliedIndex).toBe(OVER_A_STRETCH);
  });

  it('are missed where a file with a stretch of them is gone, or with the end of one', async () => {
    for (const stretch of await commitMany()) {
      const [whole] = rows.getManySync([stretch]);
      const last = new RowReader().start(whole ?? Buffer.alloc(0));
      last.byte();
      plant(
        stretch,
        value
          .start()
          .byte(1)
          .number(last.number() - 1)
          .bytes(),
      );
      await expect(TreeStore.open(rows, OPTIONS)).rejects.toEqual(corrupt);
      const batch = rows.batch();
      batch.delete(stretch);
      batch.write({ sync: true });
      await expect(TreeStore.open(rows, OPTIONS)).rejects.toEqual(corrupt);
      plant(stretch, whole ?? Buffer.alloc(0));
    }
    await TreeStore.open(rows, OPTIONS);
  });
});
