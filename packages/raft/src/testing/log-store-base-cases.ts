import assert from 'node:assert/strict';
import type { Entry } from '../core/log/entry.js';
import {
  ALL,
  assertEntries,
  assertHolds,
  assertReopens,
  base,
  entries,
  entry,
  hardState,
  type LogCase,
  membershipEntry,
} from './log-store-bench.js';

/** Compaction and snapshots: what a log does whose beginning moves (Raft paper, section 7). */
export const baseCases: Readonly<Record<string, LogCase>> = {
  async 'compaction cuts the front and keeps what is behind it'(bench) {
    const store = await bench.open();
    const held = [entry(7, 2), membershipEntry(8, 2), entry(9, 3)];
    await store.write({ entries: [...entries(1, 4, 1), membershipEntry(5, 1), entry(6, 2)] });
    await store.write({ entries: held });
    await store.write({ base: base(6, 2), entries: [] });
    await assertHolds(store, held, 6);
    await assert.rejects(store.read(5, 9, ALL), { code: 'LOG_UNAVAILABLE' });
    const second = await assertReopens(bench, base(6, 2), held);
    await second.write({ entries: entries(10, 11, 3) });
    await assertReopens(bench, base(6, 2), [...held, ...entries(10, 11, 3)]);
  },

  async 'a log that is compacted to its end goes on behind it'(bench) {
    const store = await bench.open();
    await store.write({ entries: entries(1, 5, 2) });
    await store.write({ base: base(5, 2), entries: [] });
    await assertHolds(store, [], 5);
    const second = await assertReopens(bench, base(5, 2), []);
    await second.write({ entries: entries(6, 7, 2) });
    await assertHolds(second, entries(6, 7, 2), 5);
    await assertReopens(bench, base(5, 2), entries(6, 7, 2));
  },

  async 'compaction goes on, a step at a time and at any size'(bench) {
    let store = await bench.open();
    await store.write({ entries: entries(1, 300, 1) });
    for (const index of [1, 2, 3, 100, 101, 250]) {
      await store.write({ base: base(index, 1), entries: [] });
      await assertHolds(store, entries(index + 1, 300, 1), index);
      if (index === 3 || index === 101) store = await bench.reopen();
    }
    await store.write({ base: base(250, 1), entries: [] });
    const held = entries(251, 300, 1);
    await assertReopens(bench, base(250, 1), held);
  },

  async 'the tail behind a base is replaced like any other'(bench) {
    const store = await bench.open();
    await store.write({ entries: entries(1, 10, 1) });
    await store.write({ base: base(6, 1), entries: [] });
    await store.write({ entries: entries(7, 8, 2) });
    await assertHolds(store, entries(7, 8, 2), 6);
    await assertReopens(bench, base(6, 1), entries(7, 8, 2));
  },

  async 'a snapshot beyond the end takes the place of everything'(bench) {
    const store = await bench.open();
    await store.write({ hardState: hardState(2, 1, 3), entries: entries(1, 3, 2) });
    await store.write({ base: base(1000, 7), entries: [] });
    await assertHolds(store, [], 1000);
    await assert.rejects(store.read(1, 3, ALL), { code: 'LOG_UNAVAILABLE' });
    const second = await assertReopens(bench, base(1000, 7), [], hardState(2, 1, 3));
    await second.write({ entries: entries(1001, 1003, 7) });
    const begun = entries(1001, 1003, 7);
    const third = await assertReopens(bench, base(1000, 7), begun, hardState(2, 1, 3));
    await third.write({ base: base(2000, 8), entries: [] });
    await assertReopens(bench, base(2000, 8), [], hardState(2, 1, 3));
  },

  async 'a snapshot that contradicts an entry at its index drops all behind it'(bench) {
    const store = await bench.open();
    await store.write({
      entries: [...entries(1, 4, 1), membershipEntry(5, 1), ...entries(6, 9, 1)],
    });
    await store.write({ base: base(4, 3), entries: [] });
    await assertHolds(store, [], 4);
    const second = await assertReopens(bench, base(4, 3), []);
    await second.write({ entries: entries(5, 6, 3) });
    await assertReopens(bench, base(4, 3), entries(5, 6, 3));
  },

  async 'a snapshot in an empty log is where it begins'(bench) {
    const store = await bench.open();
    await store.write({ base: base(40, 2), entries: entries(41, 43, 2) });
    await assertHolds(store, entries(41, 43, 2), 40);
    await assertReopens(bench, base(40, 2), entries(41, 43, 2));
  },

  async 'base, entries and hard state of one write take effect together, in this order'(bench) {
    const store = await bench.open();
    await store.write({ entries: entries(1, 9, 1) });
    const state = hardState(5, 2, 6, 9);
    await store.write({ hardState: state, base: base(6, 4), entries: entries(7, 7, 5) });
    await assertHolds(store, entries(7, 7, 5), 6);
    const second = await assertReopens(bench, base(6, 4), entries(7, 7, 5), state);
    // Compaction and a conflict behind it.
    await second.write({ base: base(7, 5), entries: entries(8, 12, 5) });
    await second.write({ base: base(9, 5), entries: entries(11, 11, 6) });
    const held = [...entries(10, 10, 5), ...entries(11, 11, 6)];
    await assertHolds(second, held, 9);
    await assertReopens(bench, base(9, 5), held, state);
  },

  async 'bases under way take effect in order'(bench) {
    const store = await bench.open();
    const writes = [
      { entries: entries(1, 5, 1) },
      { base: base(2, 1), entries: entries(6, 6, 1) },
      { base: base(4, 2), entries: [] },
      { entries: entries(5, 9, 2) },
      { base: base(8, 2), entries: [] },
      { base: base(20, 3), entries: entries(21, 22, 3) },
      { base: base(21, 3), entries: [] },
    ];
    await Promise.all(writes.map((write) => store.write(write)));
    await assertHolds(store, entries(22, 22, 3), 21);
    await assertReopens(bench, base(21, 3), entries(22, 22, 3));
  },

  async 'a base that goes back, or changes what was committed, is refused'(bench) {
    const store = await bench.open();
    await store.write({ entries: entries(1, 9, 2) });
    await store.write({ base: base(5, 2), entries: [] });
    for (const wrong of [
      { base: base(4, 2), entries: [] },
      { base: base(5, 3), entries: [] },
      { base: base(20, 1), entries: [] },
      { base: base(7, 2), entries: entries(7, 7, 2) },
      { base: base(12, 3), entries: entries(14, 14, 3) },
      { base: base(12, 3), entries: entries(13, 13, 2) },
      { entries: entries(5, 5, 2) },
    ]) {
      await assert.rejects(store.write(wrong));
    }
    await assertHolds(store, entries(6, 9, 2), 5);
    await assertReopens(bench, base(5, 2), entries(6, 9, 2));
  },

  async 'a read beside a compaction gives what was there, or nothing'(bench) {
    const store = await bench.open();
    await store.write({ entries: entries(1, 200, 1) });
    const reads = [store.read(1, 200, ALL), store.read(150, 200, ALL)].map((read) =>
      read.catch((error: unknown) => error),
    );
    await store.write({ base: base(100, 1), entries: [] });
    const [below, behind] = await Promise.all(reads);
    if (Array.isArray(below)) assertEntries(below as Entry[], entries(1, 200, 1));
    else assert.equal((below as { code?: unknown }).code, 'LOG_UNAVAILABLE');
    assertEntries(behind as Entry[], entries(150, 200, 1));
    await assertHolds(store, entries(101, 200, 1), 100);
  },
};
