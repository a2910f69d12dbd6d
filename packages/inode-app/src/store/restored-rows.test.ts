import { beforeEach, expect, it } from 'vitest';
import { NO_ATTRIBUTES } from '../namespace/tree/attributes.js';
import { byteString, NO_BYTES } from '../namespace/tree/byte-string.js';
import { MemoryRows } from './memory-rows.js';
import { NamespaceMachine } from './namespace-machine.js';
import type { RowBatch } from './ordered-rows.js';
import { RestoredRows } from './restored-rows.js';
import { RowKind } from './row-keys.js';

const ALL = { gte: Buffer.alloc(0), lt: Buffer.of(0xff), pageRows: 100 };
const SESSION = Buffer.from([1, ...Buffer.alloc(16, 1)]);
const CLOCK = Buffer.of(0);

let former: MemoryRows;

beforeEach(async () => {
  former = new MemoryRows();
  for (const index of [2, 3]) {
    // Each opening begins a stretch of commits.
    const machine = await NamespaceMachine.open({ rows: former, absenceFilterBytes: 64 });
    const rows = [SESSION, CLOCK].map((key) => ({ key, value: Buffer.of(index) }));
    if (index === 2) machine.commit(1, []);
    machine.commit(index, rows);
  }
});

function restored(change: (key: Buffer, batch: RowBatch) => boolean = () => true) {
  const rows = new MemoryRows();
  const batch = rows.batch();
  const restoring = new RestoredRows(batch);
  const range = former.range(ALL);
  for (const { key, value } of range.nextPageSync()) {
    if (change(key, batch)) restoring.add(key, value);
  }
  const index = restoring.end();
  batch.write({ sync: false });
  return { rows, index };
}

const keys = (rows: MemoryRows) => rows.dump().map(([key]) => Buffer.from(key, 'latin1'));

it('a tree that is restored has no sessions, and what else is kept beside it', async () => {
  const framework = (rows: MemoryRows) =>
    keys(rows).filter((key) => key[0] === RowKind.Framework && key.length > 1);
  expect(framework(former).map((key) => key.length)).toEqual([2, 18]);
  expect(framework(restored().rows).map((key) => key.length)).toEqual([2]);
});

it('a tree that is restored is whole, and goes on where it was', async () => {
  const { rows, index } = restored();
  expect(index).toBe(3);
  const commits = keys(rows).filter((key) => key[0] === RowKind.Commits);
  expect(commits.length).toBe(1);
  const machine = await NamespaceMachine.open({ rows, absenceFilterBytes: 64 });
  expect(machine.appliedIndex).toBe(3);
});

it('rows that do not say how far they are tell nothing', () => {
  expect(restored((key) => key[0] !== RowKind.State).index).toBeUndefined();
});

it('a tree that is restored has its mounts, and nothing is under way in their storages', async () => {
  const machine = await NamespaceMachine.open({ rows: former, absenceFilterBytes: 64 });
  const context = { index: 4, logTimeMs: 0, wallMs: 0 };
  const path = byteString('/m');
  const uri = byteString('file:///x');
  const [profile, place] = [NO_BYTES, uri];
  const settings = { readOnly: false, shared: false, syncIntervalMs: 0, options: [] };
  machine.apply([{ kind: 'mount', path, uri, place, profile, ...settings }], context);
  machine.apply([{ kind: 'create', path: byteString('/m/a'), attributes: NO_ATTRIBUTES }], context);
  machine.commit(4, []);
  expect(machine.tree.mounts.intents.size).toBe(1);
  const again = await NamespaceMachine.open({ rows: restored().rows, absenceFilterBytes: 64 });
  expect(again.tree.mounts.at(path)).toMatchObject({ uri });
  expect(again.tree.mounts.intents.size).toBe(0);
});
